"""The report of a study: what is written, that it agrees with itself, and that nothing untrusted gets through."""

import csv
import hashlib
import io
import json
import re
from base64 import b64encode
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from bench.cli.terminal import where_report_is
from bench.comparison.scores import StudyScores
from bench.report import write_report
from bench.report.chart_data import chart_data
from bench.report.escape import markdown, script_json, slug, spreadsheet
from bench.report.numbers import Spread, plus_minus
from bench.report.results_csv import results_csv
from bench.study import Record, load_study
from bench.study.formats import write_record, write_settings
from cfce.errors import UserError

HOSTILE = "<script>alert(1)</script>"


class Page(HTMLParser):
    """The texts, tables, scripts and addresses of a page."""

    def __init__(self, source):
        super().__init__()
        self.scripts, self.addresses, self.tables, self.attributes = [], [], {}, set()
        self.texts, self.stack, self.policy, self.style = [], [], "", ""
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.attributes |= set(attrs)
        if tag == "script":
            self.scripts.append("")
        if attrs.get("http-equiv") == "Content-Security-Policy":
            self.policy = attrs["content"]
        self.addresses += [attrs[name] for name in ("src", "href") if name in attrs]
        if tag == "table":
            self.tables[attrs["id"]] = []
        if tag == "tr":
            list(self.tables.values())[-1].append([])
        if tag in ("td", "th"):
            list(self.tables.values())[-1][-1].append("")
        if tag not in ("meta", "input", "link", "br"):
            self.stack.append(tag)

    def handle_endtag(self, tag):
        self.stack.pop()

    def handle_data(self, text):
        if "script" in self.stack:
            self.scripts[-1] += text
        elif "style" in self.stack:
            self.style += text
        elif "td" in self.stack or "th" in self.stack:
            if "span" not in self.stack:
                list(self.tables.values())[-1][-1][-1] += text
        else:
            self.texts.append(text)


@pytest.fixture(scope="module")
def page(reported):
    return Page((reported.path / "report.html").read_text())


@pytest.fixture(scope="module")
def text(reported):
    return (reported.path / "report.md").read_text()


def markdown_table(text, first_head):
    """The rows of the first Markdown table whose head begins with ``first_head``."""
    lines = text.splitlines()
    start = next(at for at, line in enumerate(lines) if re.sub(r" +", " ", line).startswith(first_head))
    rows = []
    for line in [lines[start], *lines[start + 2 :]]:
        if not line.startswith("|"):
            break
        cells = re.split(r"(?<!\\)\|", line)[1:-1]
        rows.append([re.sub(r"\\(.)", r"\1", cell).strip().strip("*") for cell in cells])
    return rows


def test_every_file_of_the_report_is_written(reported):
    files = {path.name for path in reported.path.iterdir()}
    assert {"results.csv", "report.md", "report.html", "figures"} <= files
    images = {path.name for path in (reported.path / "figures").iterdir()}
    assert {"learning-rates.png", "reliability.png", "learning-curves.png", "confusion-ce.png"} <= images


def test_every_image_and_link_of_the_markdown_exists(reported, text):
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert links
    assert all((reported.path / link).exists() for link in links)


def test_the_answer_comes_first_then_what_would_change_it_then_the_verdicts_in_the_words_of_the_tests(reported, text):
    from bench.comparison.compare import compare_all

    head = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert head[:3] == ["Answer", "What would change it", "The verdicts in words"]
    said = {one.text for one in compare_all(StudyScores.of(load_study(reported.path)))}
    listed = [
        line[2:] for line in text.split("## The verdicts")[1].split("## Scores by")[0].splitlines() if line.startswith("- ")
    ]
    assert listed
    assert set(listed) <= {markdown(one) for one in said}


def test_markdown_and_page_show_the_same_leaderboard(text, page):
    shown = markdown_table(text, "| variant | engine |")
    on_page = page.tables["table-leaderboard"]
    columns = [on_page[0].index(head) for head in shown[0]]
    for ours, theirs in zip(shown[1:], on_page[1:], strict=True):
        assert [cell.replace("&lt;", "<").replace("&gt;", ">") for cell in ours] == [theirs[at] for at in columns]


def test_a_cell_of_the_leaderboard_is_the_mean_and_sd_of_the_rows_of_results_csv(reported, page):
    rows = list(csv.DictReader(io.StringIO((reported.path / "results.csv").read_text())))
    scores = [
        float(row["test_nll"]) for row in rows if (row["variant"], row["learning_rate"], row["status"]) == ("ce", "0.005", "ok")
    ]
    board = page.tables["table-leaderboard"]
    at = board[0].index("NLL")
    cell = next(row[at] for row in board if row[0] == "ce" and row[4] == "0.005")
    assert 0.01 < np.std(scores, ddof=1) < 0.1, "whose two digits end at the third decimal"
    assert cell == f"{np.mean(scores):.3f} ± {np.std(scores, ddof=1):.3f}"


def test_failed_and_diverged_trials_are_named_with_their_reasons(text, page):
    failures = {row[5]: row for row in page.tables["table-failures"][1:]}
    assert "the train loss of epoch 2 is nan" in failures["diverged"]
    assert "2 of 62 trials gave no scores" in text
    assert "exit code -9" in failures["failed"][6]


def test_the_report_says_how_a_regression_gets_its_distribution_and_that_no_cuda_was_found(text):
    assert "cut at the midpoints between levels with the tails in the end levels, its sigma fitted on valid" in text
    assert "No CUDA device was found" in text
    assert "A CPU of 2 cores" in text


def test_the_spread_is_split_by_source_where_the_design_tells_the_sources_apart_and_left_out_where_not(
    text, tmp_path, study_maker, undrawn
):
    assert "## Where the spread comes from" not in text
    crossed = study_maker.make_study(tmp_path / "crossed", variants=("ce", "regression"), splits=3, seeds=3, n_rows=60)
    write_report(crossed)
    rows = markdown_table((crossed.path / "report.md").read_text(), "| score | variant | learning rate | n | sd |")
    assert {row[1] for row in rows[1:]} == {"ce", "regression"}
    assert all(re.search(r"split \d+ %, .* \d+ %", row[5]) for row in rows[1:])


def test_every_published_number_stands_beside_ours(text):
    rows = markdown_table(text, "| source |")
    assert len(rows) - 1 == 12
    assert {row[4] for row in rows[1:]} >= {"0.8231", "0.8416", "0.4154", "1.3242"}
    assert all(re.match(r"(above|below) (all )?\d+", row[-1]) for row in rows[1:])


def test_a_hostile_name_is_text_in_markdown_and_page(reported, text, page):
    assert "<script>" not in text.replace("``", "")
    cells = {cell for table in page.tables.values() for row in table for cell in row}
    assert HOSTILE in cells
    source = (reported.path / "report.html").read_text()
    assert source.count("<script") == 2 + sum(script.count("<script") for script in page.scripts)
    assert not {name for name in page.attributes if name.startswith("on")}


def test_the_page_allows_its_own_scripts_and_nothing_from_outside(page):
    rules = dict(rule.split(" ", 1) for rule in page.policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    assert "unsafe" not in page.policy
    data, script = page.scripts
    for kind, text in (("script", script), ("style", page.style)):
        assert rules[f"{kind}-src"] == f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
    assert "style" not in page.attributes
    assert json.loads(data)["confusion"]
    assert all(one.startswith(("#", "data:image/png;base64,")) for one in page.addresses)


def test_what_was_not_trained_has_no_options_of_a_training(reported):
    rows = list(csv.DictReader(io.StringIO((reported.path / "results.csv").read_text())))
    untrained = [row for row in rows if row["engine"] == "baseline"]
    assert 0 < len(untrained) < len(rows)
    for row in rows:
        options = [row[name] for name in ("learning_rate", "epochs", "batch_size", "weight_decay", "n_factors", "sampler")]
        assert all(option == "" for option in options) if row in untrained else all(options)


def test_verdicts_csv_holds_every_row_of_the_tables_of_pairs_and_of_ensembles(reported, text):
    rows = list(csv.DictReader(io.StringIO((reported.path / "verdicts.csv").read_text())))
    pairs, ensembles = text.split("## Seed ensembles compared")
    shown = [row for part in (pairs, ensembles) for row in markdown_table(part, "| score | A | B |")[1:]]
    assert len(rows) == len(shown) > 0
    for row, cells in zip(rows, shown, strict=True):
        told = [float(number) for number in re.findall(r"[+-]?\d+\.\d+", cells[3])]
        exact = [float(row[name]) for name in ("difference", "low", "high") if row[name]]
        places = {len(number.partition(".")[2]) for number in re.findall(r"[+-]?\d+\.\d+", cells[3])}
        assert len(places) == 1
        assert told == pytest.approx(exact, abs=0.51 * 10.0 ** -places.pop())
        assert cells[5] == row["verdict"]


def test_a_study_without_its_trials_keeps_its_report_and_says_what_trains_them(reported, tmp_path):
    """As an example that is committed without them: an empty report must not take the place of the good one."""
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("study.json", "report.md"):
        (copy / name).write_bytes((reported.path / name).read_bytes())
    with pytest.raises(UserError, match="holds no trial; this trains them: bench run"):
        write_report(load_study(copy))
    assert (copy / "report.md").read_bytes() == (reported.path / "report.md").read_bytes()


def test_a_spreadsheet_runs_nothing_of_results_csv(reported):
    frame = StudyScores.of(reported).results
    frame.loc[0, "variant"], frame.loc[1, "reason"] = "=cmd|'/c calc'!A1", "@SUM(1)\nnext"
    rows = list(csv.reader(io.StringIO(results_csv(frame).decode())))
    assert rows[1][1] == "'=cmd|'/c calc'!A1"
    assert rows[2][rows[0].index("reason")] == "'@SUM(1) next"
    assert all(not cell.startswith(("=", "@", "+")) for row in rows for cell in row)


def test_no_name_of_a_variant_leaves_the_folder(reported):
    taken = set()
    assert [slug(name, taken) for name in ("../x", "..\\x", "", "CON/é")] == ["x", "x-2", "variant", "con"]
    assert all(path.parent.name == "figures" for path in reported.path.rglob("*.png"))


def test_json_in_a_script_cannot_end_it_and_reads_back():
    content = {"name": "</script><!--\u2028&"}
    text = script_json(content)
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == content


def test_writing_again_gives_the_same_bytes_and_leaves_no_old_figure(reported):
    def contents():
        return {
            path.name: path.read_bytes() for path in reported.path.rglob("*") if path.suffix in (".md", ".html", ".csv", ".png")
        }

    before = contents()
    (reported.path / "figures" / "confusion-of-a-variant-that-is-gone.png").write_bytes(b"old")
    write_report(load_study(reported.path))
    assert contents() == before
    assert not list(reported.path.rglob("*.tmp"))


def test_the_page_of_a_protocol_without_trials_goes_and_what_is_not_of_a_report_stays(tmp_path, study_maker, undrawn):
    study = study_maker.make_study(tmp_path / "s", variants=("constant",), seeds=1, n_rows=60)
    (study.path / "figures" / "kfold-5").mkdir(parents=True)
    old = [study.path / name for name in ("report-kfold-5.md", "report-kfold-5.html", "figures/kfold-5/reliability.png")]
    for path in (*old, study.path / "report-notes.md"):
        path.write_text("earlier")
    write_report(study)
    assert not [path for path in (*old, old[-1].parent) if path.exists()]
    assert (study.path / "report-notes.md").read_text() == "earlier"


def test_a_page_that_cannot_be_made_costs_no_table_and_leaves_no_earlier_page(tmp_path, study_maker, undrawn, monkeypatch):
    study = study_maker.make_study(tmp_path / "s", variants=("constant",), seeds=1, n_rows=60)
    (study.path / "report.html").write_text("earlier")
    monkeypatch.setattr("bench.report.page.report_page", lambda report: 1 / 0)
    problems = write_report(study)
    assert problems == ["report.html could not be made: ZeroDivisionError: division by zero"]
    assert where_report_is(study.path) == f"report: {study.path / 'report.md'}"
    assert all((study.path / name).exists() for name in ("results.csv", "verdicts.csv"))


def test_a_failed_trial_of_a_variant_without_a_learning_rate_gives_no_mark_at_one(tmp_path, study_maker, undrawn):
    study = study_maker.make_study(tmp_path / "s", variants=("ce", "constant"), learning_rates=(0.1,), seeds=2, n_rows=60)
    trained = next(record for record in study.ok if record.trial.variant == "constant")
    failed = Record(replace(trained.trial, seed=1, order=1, trial_id=f"{1:016x}"), "failed", "boom")
    write_record(study.path / "trials" / f"{failed.trial_id}.json", failed)
    settings = study.settings
    settings["variants"]["constant"]["family"] = "regression"
    settings["plans"][0]["trial_ids"].append(failed.trial_id)
    write_settings(study.path / "study.json", settings)
    study = load_study(study.path)
    assert not write_report(study)
    assert {dot.configuration for dot in chart_data(StudyScores.of(study)).dots} == {"ce"}


def test_a_study_without_test_part_or_finished_pairs_gets_a_report(tmp_path, study_maker, undrawn):
    study = study_maker.make_study(
        tmp_path / "one", variants=("ce",), learning_rates=(5e-3,), seeds=1, protocol="random-80-20", n_rows=60, troubles=False
    )
    write_report(study)
    text = (study.path / "report.md").read_text()
    assert "No two variants have finished trials on a common split" in text
    assert "claims on valid" in text


def test_a_study_in_which_every_trial_failed_gets_a_report(tmp_path, study_maker, undrawn):
    study = study_maker.make_study(tmp_path / "none", variants=("ce-sigmoid",), learning_rates=(3e-2,), seeds=3, n_rows=60)
    for path in (study.path / "predictions").iterdir():
        path.unlink()
    write_report(study)
    assert "3 of 3 trials gave no scores" in (study.path / "report.md").read_text()


def test_several_samplers_are_told_apart_and_only_alike_configurations_are_compared_in_words(tmp_path, study_maker, undrawn):
    study = study_maker.make_study(
        tmp_path / "two",
        variants=("regression", "ce"),
        learning_rates=(5e-3,),
        seeds=3,
        samplers=("bootstrap", "permutation"),
        protocol="random-80-20",
        n_rows=80,
        troubles=False,
    )
    write_report(study)
    head, rest = (study.path / "report.md").read_text().split("## Scores by")
    assert "regression (bootstrap)" in head
    assert not re.search(r"regression \(bootstrap\)[^.]*ce \(permutation\)", head)
    assert "Sampler bootstrap. " in rest
    assert "Sampler permutation. " in rest
    board = markdown_table(rest, "| variant | sampler |")
    assert {row[0].split(",")[0] for row in board[1:]} == {
        f"{one} ({sampler})" for one in ("regression", "ce") for sampler in ("bootstrap", "permutation")
    }


def test_a_spread_of_nothing_and_of_one_number():
    assert plus_minus(Spread.of([])) == "–"
    assert plus_minus(Spread.of([0.5, float("nan")])) == "0.5000"


def test_text_that_begins_a_formula_is_neutralised():
    assert [spreadsheet(text)[0] for text in ("=1", "+1", "-1", "@a", "\ta")] == ["'"] * 5


def test_the_best_decoder_of_every_variant_is_marked_for_every_score(text):
    body = text[text.index("**Decoder × score") :].splitlines()
    start = next(at for at, line in enumerate(body) if line.startswith("|"))
    rows = []
    for line in body[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    assert len({row[0] for row in rows}) >= 5
    for variant in {row[0] for row in rows}:
        for column in (3, 4, 5):
            cells = [row[column] for row in rows if row[0] == variant]
            values = [float(cell.strip("*").split(" ")[0]) for cell in cells]
            best = max(values) if column == 5 else min(values)
            assert any(cell.startswith("**") for cell in cells)
            assert {value for cell, value in zip(cells, values, strict=True) if cell.startswith("**")} == {best}
