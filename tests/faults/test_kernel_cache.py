"""Files of numba's cache that are empty or cut off: kernels are compiled anew, and kept."""

import pytest

KIND = "compiled kernels cut off"
pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def cached(bench, tiny, tmp_path_factory):
    """A cache of kernels of its own, filled by a run."""
    place = tmp_path_factory.mktemp("kernels")
    done = bench("run", *tiny, "--variants", "ce", "--out", place / "study", NUMBA_CACHE_DIR=str(place / "numba"))
    assert done.code == 0, done.err
    return place


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("suffix", "keep"), [("nbi", 0), ("nbc", 100)])
def test_every_trial_trains_and_the_cache_is_whole_again(bench, tiny, cached, kind, suffix, keep):
    files = sorted((cached / "numba").rglob(f"*.{suffix}"))
    for path in files:
        path.write_bytes(path.read_bytes()[:keep])
    environment = {"NUMBA_CACHE_DIR": str(cached / "numba")}
    doctor = bench("doctor", **environment)
    kind.expect(
        f"{len(files)} compiled kernels are cut off" in doctor.out and "a run compiles them anew" in doctor.out, doctor.out
    )
    done = bench("run", *tiny, "--variants", "ce", "--no-resume", "--out", cached / "study", **environment)
    kind.expect(done.code == 0 and done.is_clean, done.out + done.err)
    again = [path for path in (cached / "numba").rglob(f"*.{suffix}") if path.stat().st_size > max(keep, 1)]
    kind.expect(again, "nothing was kept")
