# SPDX-License-Identifier: Apache-2.0
"""The helpers of the tests: they lose nothing and give nothing up on a slow machine."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from care_msgs.msg import Patient
from care_msgs.srv import AcknowledgeAlarm
from care_node import graph
from care_node.node import CareNode
from care_node.testing import Probe, probing, running, wait_until


class SlowNode(CareNode):
    """Answers the first request late."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__('slow', (), **kwargs)
        self.asked: list[str] = []

    def configure(self) -> None:
        self.serve(graph.ACKNOWLEDGE, self.answer)

    def answer(self, request: Any, response: Any) -> Any:
        self.asked.append(request.alarm_id)
        if len(self.asked) == 1:
            time.sleep(0.5)
        response.accepted = True
        return response


@pytest.fixture
def probe() -> Iterator[Probe]:
    with probing() as made:
        yield made


def test_what_came_true_while_the_test_stood_still_counts() -> None:
    answers = iter([False, True])

    def condition() -> bool:
        time.sleep(0.02)
        return next(answers)

    wait_until(condition, 0.01, 'the second answer')


def test_what_does_not_come_true_is_named() -> None:
    with pytest.raises(AssertionError, match=r'not within 0\.05 s: the moon'):
        wait_until(lambda: False, 0.05, 'the moon')


def test_a_probe_keeps_every_message_of_a_latched_topic(probe: Probe) -> None:
    heard = probe.collect(graph.PATIENT, bed=1)
    sender = probe.publisher(graph.PATIENT, bed=1)
    probe.matched(sender)
    for number in range(100):
        sender.publish(Patient(admission_id=str(number)))
    wait_until(lambda: len(heard) >= 100, 20, 'all messages')
    assert [m.admission_id for m in heard] == [str(number) for number in range(100)]


@pytest.mark.parametrize(('request_id', 'times'), [('r1', 2), ('', 1)])
def test_only_a_request_with_an_id_is_repeated(
    probe: Probe, monkeypatch: pytest.MonkeyPatch, request_id: str, times: int
) -> None:
    monkeypatch.setattr('care_node.testing._AGAIN_AFTER_S', 0.1)
    with running(SlowNode) as node:
        request = AcknowledgeAlarm.Request(request_id=request_id, alarm_id='a')
        assert probe.call(graph.ACKNOWLEDGE, request).accepted
        wait_until(lambda: len(node.asked) >= times, 20, 'the requests')
        assert (len(node.asked) > 1) == (times > 1)
