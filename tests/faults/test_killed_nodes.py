# SPDX-License-Identifier: Apache-2.0
"""A node killed with SIGKILL is shown at once, comes back, and has forgotten nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from care_msgs.msg import AlarmList, Limit, Limits, VitalSign
from care_msgs.srv import AcknowledgeAlarm, SetLimits
from care_node import graph
from care_node.testing import Probe, probing
from ward_stack import Stack, ask, running_stack, wait_for


@pytest.fixture(scope='module')
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp('faults')) as running:
        yield running


@pytest.fixture(scope='module')
def probe(stack: Stack) -> Iterator[Probe]:
    with probing() as made:
        yield made


def _active(stack: Stack, node: str) -> bool:
    health = stack.health() or {}
    return any(n['node'] == node and n['state'] == 'ACTIVE' for n in health.get('nodes', []))


def _acknowledged_low_rate(probe: Probe, alarms: list[AlarmList]) -> Any:
    """Set a low limit above the rate of bed 1, acknowledge the alarm, return it."""
    limits: list[Limits] = probe.collect(graph.LIMITS, bed=1)
    wait_for(lambda: limits, 30, 'limits of bed 1')
    wanted = Limit(
        kind=VitalSign.HEART_RATE, unit='/min', extreme_low=35.0, low=130.0, high=140.0,
        extreme_high=160.0,
    )  # fmt: skip
    answer = ask(
        probe,
        graph.SET_LIMITS,
        SetLimits.Request(
            request_id='set', bed=1, admission_id=limits[-1].admission_id, user='test',
            limits=[wanted],
        ),
    )  # fmt: skip
    assert answer.accepted, answer.text
    wait_for(lambda: _find(alarms, 'hr_low'), 30, 'the low-rate alarm')
    alarm = _find(alarms, 'hr_low')
    answer = ask(
        probe,
        graph.ACKNOWLEDGE,
        AcknowledgeAlarm.Request(request_id='ack', alarm_id=alarm.id, user='test'),
    )
    assert answer.accepted, answer.text
    wait_for(lambda: _find(alarms, 'hr_low').acknowledged_by == 'test', 20, 'the acknowledgement')
    return _find(alarms, 'hr_low')


def _find(snapshots: list[AlarmList], code: str) -> Any:
    if not snapshots:
        return None
    return next((a for a in snapshots[-1].alarms if a.code == code and a.bed == 1), None)


def test_killed_alarms_come_back_within_10_s_with_limits_and_acknowledgements(
    stack: Stack, probe: Probe
) -> None:
    alarms: list[AlarmList] = probe.collect(graph.ALARMS)
    before = _acknowledged_low_rate(probe, alarms)
    boot = alarms[-1].boot_id
    stack.kill('alarms_node')
    # The deadline is 10 s; three times that for a noisy machine.
    wait_for(lambda: alarms[-1].boot_id != boot, 30, 'a snapshot of the new process')
    wait_for(lambda: _find(alarms, 'hr_low'), 30, 'the low-rate alarm after the restart')
    after = _find(alarms, 'hr_low')
    assert (after.id, after.acknowledged_by) == (before.id, 'test')
    assert after.acknowledged_at == before.acknowledged_at
    limits: list[Limits] = probe.collect(graph.LIMITS, bed=1)
    wait_for(lambda: limits and limits[-1].restored, 30, 'restored limits')
    rate = next(x for x in limits[-1].limits if x.kind == VitalSign.HEART_RATE)
    assert (rate.low, rate.high) == (130.0, 140.0)


def test_killed_vitals_raise_an_alarm_and_come_back_within_10_s(stack: Stack, probe: Probe) -> None:
    alarms: list[AlarmList] = probe.collect(graph.ALARMS)
    wait_for(lambda: _active(stack, 'vitals'), 30, 'vitals ACTIVE')
    # Restarted alarms give vital signs eight seconds to come; once they came, two.
    wait_for(lambda: _seen_again(_find(alarms, 'hr_low')), 30, 'vital signs at the alarms')
    old, said = stack.kill('vitals_node'), len(alarms)
    # The deadline is 3 s; three times that for a noisy machine. It may have passed already.
    wait_for(
        lambda: any(_raised([m], 'vitals_lost') for m in alarms[said:]), 9, 'the alarm vitals_lost'
    )
    wait_for(
        lambda: (p := stack.process('vitals_node')) is not None and p.pid != old,
        30,
        'a new process',
    )
    vitals: list[Any] = probe.collect(graph.VITALS, bed=2)
    wait_for(lambda: vitals, 30, 'vital signs of the new process')
    wait_for(lambda: not _raised(alarms, 'vitals_lost'), 30, 'the end of the alarm vitals_lost')


def _seen_again(alarm: Any) -> bool:
    return alarm is not None and not alarm.suppressed_by


def _raised(snapshots: list[AlarmList], code: str) -> bool:
    """Tell whether the newest snapshot holds the alarm with its condition still standing."""
    standing = ('active', 'acknowledged')
    return bool(snapshots) and any(
        a.code == code and ('active', 'acknowledged', 'latched', 'cleared')[a.state] in standing
        for a in snapshots[-1].alarms
    )


def test_the_end_of_the_stack_takes_5_s_at_most_and_leaves_no_process(stack: Stack) -> None:
    names = ('alarms_node', 'vitals_node', 'tablet_node', 'supervisor_node')
    processes = [p for name in names if (p := stack.process(name)) is not None]
    assert len(processes) == len(names)
    took = stack.end()
    assert took < 15, f'took {took:.1f} s; the deadline is 5 s, three times that for noise'
    assert not [p for p in processes if p.is_running()]
