"""What a program says of itself is read from comments, whatever its language, and checked."""

import subprocess
import sys

import pytest

from cfce.errors import UserError
from cfce.estimators.program.declaration import Declaration, read_declaration
from cfce.options import Option
from cfce.search import Range

BLOCK = """#!/usr/bin/env Rscript
# /// script
# requires-python = ">=3.11"
# dependencies = ["pandas==3.1.1"]
#
# [tool.cfce]
# description = "a forest"
# source = "Breiman 2001"
# family = "classification"
# format = "csv"
# seed = false
# files = ["helper.R"]
#
# [tool.cfce.options]
# trees = { default = 100, help = "Trees.", low = 10, high = 1000, log = true }
# split = { default = "gini", choices = ["gini", "entropy"] }
# depth = 3
# ///
library(ranger)
"""


def declared(tmp_path, text):
    path = tmp_path / "fit.R"
    path.write_text(text)
    return read_declaration(path)


def test_a_block_is_read_whatever_stands_around_it(tmp_path):
    found = declared(tmp_path, BLOCK)
    assert (found.description, found.source, found.family, found.format) == ("a forest", "Breiman 2001", "classification", "csv")
    assert (found.seed, found.files, found.dependencies) == (False, ("helper.R",), True)
    assert found.options == (
        Option("trees", int, 100, "Trees.", (Range(10, 1000, log=True),)),
        Option("split", str, "gini", "", (Range(choices=("gini", "entropy")),)),
        Option("depth", int, 3),
    )


def test_a_file_without_a_block_has_the_defaults_and_needs_no_environment(tmp_path):
    assert declared(tmp_path, "print('hello')\n") == Declaration()
    assert not declared(tmp_path, "# /// script\n# [tool.cfce]\n# seed = false\n# ///\n").dependencies


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("[tool.cfce", "Expected ']'"),
        ("[tool.cfce]\nfamly = 'ordinal'", "unknown key 'tool.cfce.famly' (did you mean 'tool.cfce.family'?)"),
        ("[tool.cfce]\nfamily = 'odinal'", "unknown family 'odinal' (did you mean 'ordinal'?)"),
        ("[tool.cfce]\nformat = 'json'", "unknown format 'json'"),
        ("[tool.cfce]\nseed = 1", "tool.cfce.seed is 1; it is true or false"),
        ("[tool.cfce.options]\nrank = {help = 'x'}", "tool.cfce.options.rank.default is None; it is a number"),
        ("[tool.cfce.options]\nrank = {default = 1, hi = 2}", "(did you mean 'tool.cfce.options.rank.high'?)"),
        ("[tool.cfce.options]\nrank = {default = 1, low = 2}", "give both, or choices"),
        (
            "[tool.cfce.options]\nrank = {default = 1, low = 2, high = 1}",
            "a range from 2 to 1 came; give a low that is below its high",
        ),
        ("[tool.cfce.options]\nrank = {default = 1, low = 0, high = 9, log = true}", "a logarithm needs a low above 0"),
        ("[tool.cfce.options]\nrank = {default = 1, low = 0.5, high = 9}", "rank 0.5 came; it is a whole number"),
        ("[tool.cfce.options]\n'a-b' = 1", "the option 'a-b' came; its name is a word"),
    ],
)
def test_a_block_that_cannot_be_used_is_one_sentence_with_the_file_and_the_key(lines, sentence, tmp_path):
    text = "# /// script\n" + "".join(f"# {line}\n" for line in lines.splitlines()) + "# ///\n"
    with pytest.raises(UserError) as error:
        declared(tmp_path, text)
    assert str(error.value).startswith(f"the block '# /// script' of '{tmp_path / 'fit.R'}' cannot be used: ")
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_the_block_is_found_where_the_specification_finds_it(tmp_path):
    """The reference implementation of the specification, on blocks that end, repeat and begin in several ways."""
    reference = r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$"
    code = f"import re, sys\nfound = re.search({reference!r}, open(sys.argv[1]).read())\nprint(found is not None)"
    for text in (
        BLOCK,
        BLOCK.replace("# ///\n", ""),
        BLOCK.replace("# [tool", "#[tool"),
        BLOCK.replace("# /// script", "#/// script"),
    ):
        (tmp_path / "x.py").write_text(text)
        said = subprocess.run([sys.executable, "-c", code, tmp_path / "x.py"], capture_output=True, text=True, check=True).stdout
        assert (read_declaration(tmp_path / "x.py") != Declaration()) == (said.strip() == "True"), text
