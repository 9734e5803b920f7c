"""The committed reports say what their stored rows say, and the page in words says what both do."""

import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest

spec = importlib.util.spec_from_file_location("claims", Path(__file__).parent / "claims.py")
claims = importlib.util.module_from_spec(spec)
spec.loader.exec_module(claims)

STUDIES = ("ml-100k", "blog")
PART = {"ml-100k": "test", "blog": "valid"}
COLUMNS = {
    "normalized RMSE": "normalized_rmse",
    "normalized accuracy": "normalized_accuracy",
    "RMSE": "rmse",
    "accuracy": "accuracy",
    "NLL": "nll",
    "RPS": "rps",
    "QWK": "qwk",
}


def report(study):
    return (claims.REPORTS / study / "report.md").read_text()


def table(text, caption):
    """The rows of the Markdown table under a caption, as dicts of its head."""
    lines = text[text.index(f"**{caption}") :].splitlines()
    shown = [line for line in lines[1:] if line.startswith("|")]
    end = next((at for at, line in enumerate(lines[2:], 2) if not line.startswith("|")), len(lines))
    head, _, *body = ([cell.strip().strip("*") for cell in line.strip("|").split("|")] for line in shown[: end - 2])
    return [dict(zip(head, row, strict=True)) for row in body]


def shows(text, *values):
    """Whether the numbers of a text are these, as far as their digits tell."""
    numbers = re.findall(r"[-+]?\d+\.?\d*", text)
    assert len(numbers) == len(values), text
    exact = [0.501 * 10.0 ** -len(number.partition(".")[2]) for number in numbers]
    return all(abs(float(number) - value) <= error for number, value, error in zip(numbers, values, exact, strict=True))


def shows_spread(text, values):
    return shows(text, values.mean(), values.std(ddof=1))


def words(text):
    return " ".join(text.split())


@pytest.mark.parametrize("study", STUDIES)
def test_every_cell_of_the_leaderboard_is_the_mean_and_sd_of_its_stored_rows(study):
    rows = claims.rows(study)
    checked = 0
    for line in table(report(study), "Scores on"):
        if line["variant"].endswith("seed ensemble"):
            continue  # of predictions, which are not kept
        variant, _, sampler = line["variant"].partition(" (")
        chosen = rows.variant == variant
        if sampler:
            assert sampler == f"{line['sampler']})"
        if line["learning rate"] != "–":
            chosen &= np.isclose(rows.learning_rate, float(line["learning rate"]))
        if "sampler" in line and line["learning rate"] != "–":
            chosen &= rows.sampler == line["sampler"]
        found = rows[chosen]
        assert str(len(found)) == line["n"]
        for label, name in COLUMNS.items():
            assert shows_spread(line[label], found[f"{PART[study]}_{name}"]), (line, label)
            checked += 1
    assert checked == {"ml-100k": 20, "blog": 10}[study] * len(COLUMNS)


@pytest.mark.parametrize("study", STUDIES)
def test_every_pair_of_the_report_is_a_stored_verdict(study):
    stored = claims.verdicts(study).to_dict("records")
    text = report(study)
    shown = table(text, "Pairwise verdicts**")
    if "Pairwise verdicts on ensembles" in text:
        shown += table(text, "Pairwise verdicts on ensembles")
    assert len(stored) == len(shown) > 20
    for row, line in zip(stored, shown, strict=True):
        assert shows(line["A - B [95 % CI]"], row["difference"], row["low"], row["high"])
        assert (line["n"], line["A is"]) == (str(row["n"]), row["verdict"])


def test_our_distributions_beside_the_published_numbers_are_those_of_the_stored_rows():
    rows, names = claims.rows("blog"), {"train loss": "train_loss", "valid loss": "valid_loss", "accuracy": "valid_accuracy"}
    lines = table(report("blog"), "Published numbers")
    assert len(lines) == 24  # 12 published numbers by two samplers
    for line in lines:
        chosen = (rows.variant == line["variant"]) & np.isclose(rows.learning_rate, float(line["learning rate"]))
        found = rows[chosen & (rows.sampler == line["our sampler"])][names[line["score"]]]
        assert line["n"] == str(len(found))
        assert shows_spread(line["mean ± sd"], found)
        assert shows(f"{line['min']} {line['max']}", found.min(), found.max())


def test_every_claim_of_the_page_is_what_the_rows_give():
    page = words((claims.REPORTS / "README.md").read_text())
    missing = [claim for claim in map(words, claims.claims()) if claim not in page]
    assert not missing


def test_the_page_holds_no_measured_number_beside_its_claims():
    page = words((claims.REPORTS / "README.md").read_text())
    for claim in map(words, claims.claims()):
        page = page.replace(claim, "")
    settings = {"0.005", "0.03"}  # learning rates that the page tells of
    assert set(re.findall(r"(?<![\d.])\d+\.\d{2,}(?![\d.])", page)) <= settings


@pytest.mark.parametrize("study", STUDIES)
def test_a_committed_study_names_its_command_and_the_data_and_every_figure_is_there(study):
    text = report(study)
    assert "8bb60587ab4cda553abf1ea1d622f44e404be759d4b013a8fff93a148b78cbe0" in text
    assert f"python -m bench run {'--preset blog' if study == 'blog' else '--splits 10 --seeds 10'}" in text
    for image in re.findall(r"\]\((figures/[^)]+)\)", text):
        assert (claims.REPORTS / study / image).is_file(), image


def test_the_readme_says_how_fast_the_fused_engine_is_as_it_was_timed():
    readme = words((claims.REPORTS.parent / "README.md").read_text())
    ends = [*claims.faster("ml-100k"), *claims.faster("gpu")]
    assert f"{min(ends):.0f} to {max(ends):.0f} times as fast" in readme


def test_the_readme_holds_no_measured_number_that_the_page_of_reports_does_not_claim():
    readme = words((claims.REPORTS.parent / "README.md").read_text())
    claimed = set(re.findall(r"\d\.\d{4}", " ".join(claims.claims())))
    said = set(re.findall(r"\d\.\d{4}", readme))
    assert said
    assert said <= claimed
