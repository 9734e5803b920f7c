"""Trials that train side by side give the bits that they give alone."""

from bench.study import load_study

PLAN = ("ce,regression,ce-sigmoid", "--seeds", "3", "--learning-rates", "0.01,0.1")


def test_predictions_are_the_same_bytes_with_one_worker_and_with_two(start, tmp_path):
    digests = []
    for jobs in ("1", "2"):
        folder = tmp_path / f"jobs-{jobs}"
        command = start(folder, *PLAN, "--jobs", jobs).end()
        assert command.code == 0, command.err
        digests.append({record.trial_id: record.prediction_sha256 for record in load_study(folder).records})
    assert len(digests[0]) == 3 * 3 * 2 + 2 * 3
    assert None not in digests[0].values()
    assert digests[0] == digests[1]
