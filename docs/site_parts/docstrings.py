"""Docstrings as reStructuredText: they are plain text with ``code``, indented blocks and doctests, and nothing else is markup."""

import re

SPECIAL = re.compile(r"([*|_\\])")
CODE = re.compile(r"(``.+?``)")
QUOTED = re.compile(r"`([^`]*)`")


def process(app, what, name, obj, options, lines):
    """The event of autodoc: the lines of a docstring, changed where they stand."""
    lines[:] = as_rst(lines)


def as_rst(lines: list[str]) -> list[str]:
    r"""The lines with all signs of markup escaped outside code, and indented blocks as literal blocks.

    >>> as_rst(["Takes *args and ``x_``."])
    ['Takes \\*args and ``x_``.']
    >>> as_rst(["So:", "", "    a * b"])
    ['So:', '', '::', '', '    a * b']
    """
    found: list[str] = []
    doctest = literal = in_list = False
    for line in lines:
        blank = not line.strip()
        doctest = not blank and (doctest or line.lstrip().startswith(">>>"))
        indented = line.startswith("    ") and not in_list
        if doctest or blank:
            found.append(line)
        elif indented:
            if not literal:
                found += ["", "::", ""] if found and found[-1].strip() else ["::", ""]
            found.append(line)
            literal = True
        else:
            if literal and found[-1].strip():
                found.append("")
            literal = False
            in_list = line.startswith(("- ", "  ")) and (in_list or line.startswith("- "))
            if line.startswith("- ") and found and found[-1].strip() and not found[-1].startswith(("- ", "  ")):
                found.append("")
            found.append(_escaped(line))
    return found


def _escaped(line: str) -> str:
    parts = CODE.split(line)
    return "".join(part if at % 2 else QUOTED.sub(r"``\1``", SPECIAL.sub(r"\\\1", part)) for at, part in enumerate(parts))
