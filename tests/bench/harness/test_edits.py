"""A program that is edited during a run is not recorded as the one before."""

from dataclasses import replace

from bench.harness.fitting import Trainer
from bench.plan.code_version import code_version
from bench.plan.trial import Trial
from bench.variants.plugins import load_parts
from bench.variants.programs import NamedCommand
from bench.variants.variant import VARIANTS
from cfce.datasets import load_dataset
from cfce.datasets.stored import save_ratings
from cfce.estimators.program import Command
from cfce.options import OptionValues
from cfce.protocols import PROTOCOLS

THREES = """
# /// script
# [tool.cfce]
# format = "csv"
# ///
{ echo row,prediction; cat valid.csv test.csv | grep -v row | sed 's/,.*/,3/'; } > predictions.csv
"""


def test_a_trial_after_the_edit_fails_and_says_what_to_do_and_one_after_the_edit_is_taken_back_does_not(tmp_path):
    file, shared = tmp_path / "fit.sh", tmp_path / "shared"
    save_ratings(load_dataset("synthetic-1000"), shared)
    file.write_text(THREES)
    load_parts((), (NamedCommand("a-test", Command(("sh", "fit.sh"), tmp_path)),))
    try:
        code = code_version(VARIANTS["a-test"].estimator, "program", PROTOCOLS["random-80-10-10"])
        trial = Trial("x", "x", "random-80-10-10", "a-test", "program", "cpu", 0, 0, 0, OptionValues(), code)
        trainer = Trainer(shared, print)
        found = []
        for text in (THREES, THREES.replace(",3/", ",4/"), THREES):
            file.write_text(text)
            found += trainer.fit((replace(trial, seed=len(found)),))
    finally:
        VARIANTS.forget("a-test")
    assert [one.record.status for one in found] == ["ok", "failed", "ok"], [one.record.reason for one in found]
    assert found[1].record.reason == "its files were edited while the command ran; run the command again, which fits it anew"
