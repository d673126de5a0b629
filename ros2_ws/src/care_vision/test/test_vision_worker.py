# SPDX-License-Identifier: Apache-2.0
"""Only the newest is worked on."""

import threading
import time

import pytest
from care_vision.latency import Latency
from care_vision.newest_worker import NewestWorker


def wait_until(condition, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_while_one_is_worked_on_only_the_newest_waits_and_the_others_are_counted():
    go, done = threading.Event(), []

    def work(item: int) -> None:
        done.append(item)
        assert go.wait(60)

    worker = NewestWorker(work)
    worker.start()
    worker.put(1)
    wait_until(lambda: done == [1])
    for item in (2, 3, 4):
        worker.put(item)
    go.set()
    wait_until(lambda: len(done) == 2)
    worker.stop()
    assert done == [1, 4]
    assert (worker.taken, worker.dropped) == (2, 2)


def test_an_item_before_the_next_is_due_is_dropped_for_a_fresh_one():
    done = []
    worker = NewestWorker(lambda item: done.append((item, time.monotonic())), 0.2)
    worker.start()
    began = time.monotonic()
    item = 0
    while len(done) < 6:
        worker.put((item, time.monotonic()))
        item += 1
        time.sleep(0.01)
        assert time.monotonic() < began + 20
    worker.stop()
    assert done[5][1] - began >= 4.4 * 0.2, 'five periods, of which one may be half'
    # Kept until they were due, items would be up to a period old.
    assert sorted(at - brought for (_, brought), at in done)[3] < 0.1


def test_after_the_stop_nothing_is_worked_on():
    done = []
    worker = NewestWorker(done.append)
    worker.start()
    worker.stop()
    worker.put(1)
    time.sleep(0.02)
    assert done == []


def test_latency_tells_the_middle_and_the_slow_end():
    latency = Latency()
    for k in range(1, 101):
        latency.add(inference=k * 1e-3)
    got = latency.quantiles()
    assert float(got['inference_p50_ms']) == pytest.approx(50.5)
    assert float(got['inference_p99_ms']) == pytest.approx(99.0, abs=0.1)
    assert Latency().quantiles() == {}
