"""The page on the peers says what the stored rows of its study say."""

import importlib.util
import re
from pathlib import Path

import pandas as pd

spec = importlib.util.spec_from_file_location("peers_claims", Path(__file__).parent / "peers_claims.py")
claims = importlib.util.module_from_spec(spec)
spec.loader.exec_module(claims)


def page():
    return " ".join((claims.FOLDER / "README.md").read_text().split())


def test_the_table_of_the_page_is_that_of_the_stored_rows():
    shown = [line for line in (claims.FOLDER / "README.md").read_text().splitlines() if line.startswith("| `")]
    assert shown == list(claims.lines())
    assert sum(map(len, claims.found().values())) == len(claims.table()), "every trial is in one line"


def test_every_claim_of_the_page_is_what_the_rows_give():
    assert [claim for claim in claims.claims() if " ".join(claim.split()) not in page()] == []


def test_the_page_holds_no_measured_number_beside_its_claims():
    text = re.sub("```sh.*?```", "", page())  # commands
    for claim in (*claims.lines(), *claims.claims()):
        text = text.replace(" ".join(claim.split()), "")
    known = {"0.9208", "0.9148", "0.9322", "0.9326"}  # of SVD++ and SVD on one split by the order of its ratings: 'tox -e peers'
    assert set(re.findall(r"(?<![\d.])\d+\.\d{3,}(?![\d.])", text)) <= known


def test_the_study_is_of_ten_splits_and_every_figure_is_there():
    rows = pd.read_csv(claims.FOLDER / "results.csv")
    assert set(rows.protocol) == {"random-80-20"}
    assert set(rows.status) == {"ok"}
    assert all(set(chosen.split) == set(range(10)) for chosen in claims.found().values())
    for image in re.findall(r"\]\((figures/[^)]+)\)", (claims.FOLDER / "report.md").read_text()):
        assert (claims.FOLDER / image).is_file(), image
