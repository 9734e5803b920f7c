"""The published numbers stand beside trainings with the published options alone."""

from dataclasses import asdict

import pytest

from bench.comparison.scores import StudyScores
from bench.plan.trial import Trial
from bench.report.sections.published import published
from bench.study import Record, load_study
from bench.study.formats import write_record, write_settings
from cfce.engines.task import Epoch
from cfce.options import OptionValues, TrainingOptions


@pytest.fixture
def told(make_study, tmp_path):
    """``told([(options, engine, valid loss), ...])``: rows of the valid loss of 'ce' at 0.005, as (our sampler, mean)."""

    def tell(trainings):
        study = make_study(tmp_path / "s", [make_study.MadeUp("ce", "classification")], n=40)
        settings = study.settings
        settings["data"]["dataset"] = "ml-100k"
        for options, engine, loss in trainings:
            values = {**asdict(TrainingOptions(learning_rate=5e-3)), "head_init": "random", **options}
            trial = Trial("made-up", "f" * 64, "random-80-10-10", "ce", engine, "cpu", 0, 0, 0, OptionValues(values), "code")
            trial = trial.identified({})
            history = tuple(Epoch(1.0, loss, 0.1) for _ in range(5))
            write_record(study.path / "trials" / f"{trial.trial_id}.json", Record(trial, "ok", "", history, 0.5))
            settings["plans"][0]["trial_ids"].append(trial.trial_id)
        settings["plans"][0]["trial_ids"] = settings["plans"][0]["trial_ids"][2:]
        write_settings(study.path / "study.json", settings)
        section = published(StudyScores.of(load_study(study.path)))
        return [(row[6].text, row[8].text) for row in section.tables[0].rows if row[3].text == "valid loss"]

    return tell


def test_a_training_with_another_head_or_optimizer_does_not_take_the_place_of_the_published_one(told):
    ours = ({}, "fused", 1.5)
    others = [({"head_init": "ordered"}, "fused", 1.1), ({"optimizer": "sgd"}, "fused", 1.2)]
    assert told([others[0], ours, others[1]]) == [("permutation", "1.5000")]


def test_engines_have_rows_of_their_own(told):
    rows = told([({}, "fused", 1.5), ({}, "torch", 1.4)])
    assert rows == [("permutation (fused, cpu)", "1.5000"), ("permutation (torch, cpu)", "1.4000")]
