"""A numba that can write no cache costs seconds, and is said once; nothing fails."""

from bench.study import load_study


def test_without_a_kernel_cache_trials_train_and_one_sentence_says_why_it_takes_longer(start, tmp_path):
    """Numba may only look in a folder that nobody can make; one worker compiles the fused engine, the other a small function."""
    nowhere = {"NUMBA_CACHE_LOCATOR_CLASSES": "UserProvidedCacheLocator", "NUMBA_CACHE_DIR": "/proc/none", "NUMBA_OPT": "0"}
    folder = tmp_path / "study"
    command = start(folder, "dummy,compiles", "--seeds", "1", "--learning-rates", "0.01", "--jobs", "2", **nowhere).end()
    assert command.code == 0, command.err
    assert len(load_study(folder).ok) == 2 + 2
    sentence = "numba can write no cache folder, so the training loops are compiled anew in each process (seconds)"
    assert (command.out + command.err).count(sentence) == 1
