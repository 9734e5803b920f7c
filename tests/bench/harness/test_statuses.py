"""What a run says and keeps of trials that end well and badly."""

from bench.study import load_study


def by_variant(folder):
    return {(r.trial.variant, r.trial.learning_rate): r for r in load_study(folder).records if r.trial.engine != "baseline"}


def test_every_trial_of_the_plan_has_a_record_whatever_became_of_it(troubled):
    folder, command = troubled
    records = load_study(folder).records
    assert len(records) == 10
    assert {record.status for record in records} == {"ok", "diverged", "failed"}
    assert f"10 trials: {sum(r.status == 'ok' for r in records)} ok" in command.out


def test_a_failed_trial_makes_the_exit_code_1_after_the_others_ran_and_the_report_was_written(troubled):
    folder, command = troubled
    assert command.code == 1, command.err
    text = f"10 records, {len(load_study(folder).ok)} of them scored by workers\n"
    assert (folder / "report.md").read_text() == text


def test_an_exception_is_kept_with_its_text_and_its_place(troubled):
    record = by_variant(troubled[0])["raises", 0.01]
    assert record.status == "failed"
    assert record.reason.startswith("ArithmeticError: no such luck (trouble.py, line ")


def test_a_worker_killed_by_a_signal_fails_its_trial_alone_and_the_last_line_that_it_printed_is_kept(troubled):
    records = by_variant(troubled[0])
    assert records["dies", 0.01].status == "failed"
    assert "ended by signal 9 (SIGKILL)" in records["dies", 0.01].reason
    assert "it printed last: last words" in records["dies", 0.01].reason
    assert records["dummy", 0.01].status == "ok"


def test_a_loss_that_is_not_finite_is_diverged_with_the_epoch_and_has_no_predictions(troubled):
    folder, _ = troubled
    record = by_variant(folder)["ce", 1e30]
    assert record.status == "diverged"
    assert "loss of epoch 1 is " in record.reason
    assert record.prediction_sha256 is None
    assert not (folder / "predictions" / f"{record.trial_id}.parquet").exists()


def test_the_study_says_its_command_plan_data_environment_and_variants(troubled):
    study = load_study(troubled[0])
    (plan,) = study.plans
    assert plan["command"].startswith("python -m bench run --dataset synthetic-1000")
    assert plan["plan"]["seeds"] == 1
    assert plan["environment"]["cores"] >= 1
    assert plan["environment"]["versions"]["numpy"]
    assert study.settings["data"]["n_ratings"] == 1000
    assert {record.sizes["train"] for record in study.ok} == {800}
    assert study.settings["variants"]["ce"]["family"] == "classification"
    assert study.settings["variants"]["constant"]["family"] == "baseline"


def test_nothing_but_the_study_stays_in_its_folder(troubled):
    names = {path.name for path in troubled[0].iterdir()}
    assert names == {"predictions", "report.md", "run.lock", "study.json", "trials"}


def test_plain_lines_say_each_trial_and_its_scores(troubled):
    lines = [line for line in troubled[1].out.splitlines() if "/10 dummy lr 0.01 seed 0 (fused, cpu): valid loss" in line]
    assert len(lines) == 1
    assert "RMSE" in lines[0]
    assert "accuracy" in lines[0]
