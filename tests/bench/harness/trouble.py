"""A plug-in for tests: variants that train in no time, hang, raise, or take their worker with them."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from bench.registry import register_variant
from cfce.estimators.constant import Constant
from cfce.models.dot_product_bias import dot_product_bias
from cfce.objectives import SquaredError as Squares
from cfce.objectives import register_objective


class Slow(Squares):
    """Waits before it trains: time to be killed in."""

    name = "slow"

    def kernel(self, scale):
        time.sleep(0.4)
        return super().kernel(scale)


class Hangs(Squares):
    """Waits, as a program does that it started."""

    name = "hangs"

    def kernel(self, scale):
        if "HANGING" in os.environ:
            Path(os.environ["HANGING"]).touch()
        subprocess.run(["sleep", "600"], check=True)


class Raises(Squares):
    name = "raises"

    def kernel(self, scale):
        raise ArithmeticError("no such luck")


class Dies(Squares):
    """Kills its worker, unless ``MENDED`` names a file that is there."""

    name = "dies"

    def kernel(self, scale):
        if Path(os.environ.get("MENDED", "/no/such/file")).exists():
            return super().kernel(scale)
        print("last words", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True)
class Compiles(Constant):
    """Compiles a small function as the engines compile theirs, in a moment."""

    def learn(self, fold):
        from numba import float64

        from cfce.engines.compiled import compiled

        assert compiled(float64(float64))(twice)(2.0) == 4.0
        return super().learn(fold)


def twice(number):
    return 2 * number


for objective in (Slow(), Hangs(), Raises(), Dies()):
    register_objective(objective)
    register_variant(objective.name, f"a test's: {objective.name}", objective=objective.name)(dot_product_bias)
register_variant("dummy", "trains in no time", objective="squared-error", defaults={"n_factors": 2, "epochs": 1})(
    dot_product_bias
)
register_variant("compiles", "a test's: compiles", estimator=Compiles())
