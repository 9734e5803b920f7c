"""What holds while a process is started."""

import os
import signal
import threading
from multiprocessing import Pipe

import pytest

from bench.harness.process import quiet_start, waited_for


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="POSIX signals")
def test_ctrl_c_that_another_thread_gets_waits_until_the_process_is_started():
    """A signal that this thread blocks goes to any other, and its exception still to this one."""
    end = threading.Event()
    other = threading.Thread(target=end.wait)
    other.start()
    reached: list[bool] = []
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # pytest-xdist has it ignored
    try:
        with pytest.raises(KeyboardInterrupt):
            start_something(reached)
        after = signal.getsignal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
        end.set()
        other.join()
    assert reached
    assert after is signal.default_int_handler
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, set())


def start_something(reached: list[bool]) -> None:
    with quiet_start():
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(1000):  # an exception would come between two of these
            threading.Event().wait(0.0001)
        reached.append(True)


@pytest.mark.parametrize("patience", [1e7, float("inf")])
def test_a_wait_may_be_longer_than_systems_count(patience):
    ours, theirs = Pipe()
    with ours, theirs:
        theirs.send("something")
        assert waited_for([ours], patience) == [ours]


def test_a_long_wait_goes_on_until_something_happens_or_its_time_is_over(monkeypatch):
    monkeypatch.setattr("bench.harness.process.LONGEST_WAIT", 0.01)
    ours, theirs = Pipe()
    with ours, theirs:
        assert waited_for([ours], 0.025) == []
        later = threading.Timer(0.05, theirs.send, ["something"])
        later.start()
        assert waited_for([ours], float("inf")) == [ours]
        later.join()
