"""A plug-in for tests: variants whose scorer does what ``FAULT`` names, beside one that is well."""

import ctypes
import os
import signal
import sys
import time

from bench.registry import register_variant
from cfce.models.dot_product_bias import dot_product_bias
from cfce.models.sizes import Sizes

FAULT = os.environ.get("FAULT", "")
IN_WORKER = "multiprocessing" in sys.modules and __import__("multiprocessing").parent_process() is not None
"""Whether this is not the command itself."""


def _faulty(sizes: Sizes) -> object:
    if FAULT == "raises":
        raise ArithmeticError("no \x1b[31msuch\x1b[0m luck\0")
    if FAULT == "gives nothing":
        return None
    if FAULT == "exits at once":
        os._exit(3)
    if FAULT == "raises SystemExit":
        raise SystemExit(4)
    if FAULT == "reads address 0":
        ctypes.string_at(0)
    if FAULT == "is ended":
        os.kill(os.getpid(), signal.SIGTERM)
    if FAULT == "is killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if FAULT == "hangs":
        time.sleep(600)
    scorer = dot_product_bias(sizes)
    if FAULT == "gives no numbers":
        scorer.register_forward_hook(lambda module, given, scores: scores * float("nan"))
    return scorer


if FAULT == "raises in workers only" and IN_WORKER:
    raise ImportError("not in a worker")
if FAULT == "exits in workers only" and IN_WORKER:
    sys.exit(0)
if FAULT == "hangs in workers only" and IN_WORKER:
    time.sleep(600)
if FAULT == "exits at import":
    sys.exit(0)
if FAULT == "has an option of another type":
    register_variant("faulty", "a test's", objective="squared-error", defaults={"epochs": 1.5})(dot_product_bias)
if FAULT == "has an unknown option":
    register_variant("faulty", "a test's", objective="squared-error", defaults={"epoch": 1})(dot_product_bias)
if FAULT == "has a name of control signs":
    register_variant("\x1b[2Jfaulty", "a test's", objective="squared-error")(dot_product_bias)
register_variant("faulty", "a test's", objective="squared-error")(_faulty)
