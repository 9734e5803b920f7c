"""Fonts of the figures: matplotlib's own, then those of this machine that have the letters of East Asia and others."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

BROAD = (
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Source Han Sans",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
    "Hiragino Sans",
    "PingFang SC",
    "Yu Gothic",
    "Microsoft YaHei",
    "Malgun Gothic",
    "Noto Sans",
    "Noto Emoji",
    "Arial Unicode MS",
    "Unifont",
)
"""Families with letters that DejaVu Sans lacks, in the order in which they are tried."""

MISSING = "figures show boxes for letters that no font of this machine has; install Noto Sans CJK"


@cache
def families() -> list[str]:
    """DejaVu Sans, and those of ``BROAD`` that are installed: each letter comes from the first that has it."""
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    return ["DejaVu Sans", *(name for name in BROAD if name in installed)]


@contextmanager
def missing_letters_said_once() -> Iterator[None]:
    """One warning for all letters that no font has, in the place of one a letter and figure."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    missing = [one for one in caught if str(one.message).startswith("Glyph ")]
    for one in caught:
        if one not in missing:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
    if missing:
        warnings.warn_explicit(MISSING, UserWarning, __file__, 1)
