# SPDX-License-Identifier: AGPL-3.0-or-later
"""The node on the graph, with its simulated board behind the real pymata4."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from builtin_interfaces.msg import Time
from care_msgs.msg import Alarm, AlarmList, DrawerState, Grant, Origin
from care_msgs.srv import SetLights, SetSound, UnlockDrawer
from care_node import graph
from care_node.testing import Probe, probing, running, wait_until
from care_peripherals import node as node_module
from care_peripherals import places, station, supervision
from care_peripherals.board_state import Timing
from care_peripherals.call_latch import CallLatch
from care_peripherals.grant import load_key
from care_peripherals.messages import nanoseconds, sign
from care_peripherals.node import PeripheralsNode
from care_peripherals.simulated_board import SimulatedBoard
from care_peripherals.wiring import GREEN_PIN, RED_PIN
from geometry_msgs.msg import TransformStamped
from tf2_msgs.msg import TFMessage

ROBOT = '/robot_1'
QUICK: dict[str, Any] = {
    'retry_first': 0.2, 'beds': [3], 'bed_poses': [5.0, 1.2, 1.571], 'alarms_silent_after': 1.5,
}  # fmt: skip


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a slow machine for a slow machine, not for a silent board, host or transform."""
    monkeypatch.setattr(node_module, 'Timing', lambda _, *retry: Timing(10.0, *retry))
    monkeypatch.setattr(supervision, '_KEEP_ALIVE_S', 15)
    monkeypatch.setattr(station, 'ANSWER_WAIT_S', 15.0)
    monkeypatch.setattr(places, '_SILENT_AFTER_S', 15.0)


class Bench:
    """A running node, its board, and someone who talks to it."""

    def __init__(self, node: PeripheralsNode, probe: Probe, state_dir: Path) -> None:
        self.node = node
        self.probe = probe
        self.state_dir = state_dir
        self.estop = probe.collect(graph.ESTOP_SENSE)
        self.drawers = probe.collect(graph.DRAWERS_STATE)
        self.lights = probe.collect(graph.LIGHTS_STATE)
        self.call = probe.collect(graph.NURSE_CALL)
        self.nonce = 0
        self._tf = probe.publisher(graph.TF)
        self._at: tuple[float, float] | None = None
        probe.node.create_timer(0.1, self._say_where)
        wait_until(lambda: self.estop and self.estop[-1].readable, 20, 'board connected')
        wait_until(lambda: self.drawers and self.drawers[-1].locks_enabled, 15, 'drawers known')
        wait_until(lambda: self.lights and self.call, 15, 'lights and call known')

    @property
    def board(self) -> SimulatedBoard:
        assert self.node.ports is not None
        assert self.node.ports.simulated_board is not None
        return self.node.ports.simulated_board

    def _say_where(self) -> None:
        if self._at is None:
            return
        one = TransformStamped()
        one.header.frame_id, one.child_frame_id = 'map', 'base_footprint'
        one.header.stamp = self.probe.node.get_clock().now().to_msg()
        one.transform.translation.x, one.transform.translation.y = self._at
        one.transform.rotation.w = 1.0
        self._tf.publish(TFMessage(transforms=[one]))

    def stand(self, x: float, y: float, here: bool = True) -> None:
        """Put the robot somewhere; wait until the node knows."""
        self._at = (x, y)
        wait_until(lambda: bool(self.node._places.here()) == here, 15, 'place known')

    def grant(self, **fields: Any) -> Grant:
        """Return a signed grant for drawer 1 at bed 3, good for a minute."""
        now = int(time.time())
        self.nonce += 1
        grant = Grant(
            order_id='order-1', drawer=1, place='bed_3', user='n1', nonce=self.nonce,
            issued=Time(sec=now), expires=Time(sec=now + 60),
        )  # fmt: skip
        for name, value in fields.items():
            setattr(grant, name, value)
        return sign(grant, load_key(self.state_dir / 'grant.key'))

    def unlock(self, grant: Grant) -> str:
        answer = self.probe.call(graph.UNLOCK_DRAWER, UnlockDrawer.Request(grant=grant))
        assert answer.accepted == (answer.code == 'ok')
        assert answer.text
        return str(answer.code)

    def turn(self, transition: Callable[[], object]) -> None:
        """Carry out a transition where the node's own timers run, as the service does."""
        task = self.node.executor.create_task(transition)
        wait_until(task.done, 20, 'the transition')

    def drawer(self, number: int = 1) -> DrawerState:
        return self.drawers[-1].drawers[number - 1]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    parameters = {**QUICK, 'state_dir': str(tmp_path)}
    with (
        running(PeripheralsNode, parameters, namespace=ROBOT) as node,
        probing(ROBOT) as probe,
    ):
        assert isinstance(node, PeripheralsNode)
        yield Bench(node, probe, tmp_path)


def test_a_drawer_opens_only_with_a_valid_grant(bench: Bench) -> None:
    bench.stand(5.1, 1.0)
    assert bench.drawer().state == DrawerState.LOCKED
    assert not bench.board.pull(1)
    good = bench.grant()
    forged = bench.grant()
    forged.drawer = 2
    now = int(time.time())
    refused = {
        'forged': forged,
        'expired': bench.grant(expires=Time(sec=now - 1)),
        'wrong_drawer': bench.grant(drawer=9),
        'wrong_place': bench.grant(place='bed_4'),
    }
    for code, grant in refused.items():
        assert bench.unlock(grant) == code
    assert not any(bench.board.pull(n) for n in (1, 2, 3, 4))

    assert bench.unlock(good) == 'ok'
    wait_until(lambda: bench.drawer().state == DrawerState.UNLOCKED, 15, 'unlocked')
    assert bench.drawer().grant_nonce == str(good.nonce)
    assert bench.board.pull(1)
    wait_until(lambda: bench.drawer().state == DrawerState.OPEN, 15, 'open')
    assert bench.unlock(bench.grant()) == 'drawer_open'
    bench.board.shut(1)
    wait_until(lambda: bench.drawer().state == DrawerState.LOCKED, 15, 'locked')
    assert bench.drawer().grant_nonce == ''
    assert bench.unlock(good) == 'replayed'
    assert not bench.board.pull(1)


def test_a_grant_holds_only_where_the_robot_is(bench: Bench) -> None:
    assert bench.unlock(bench.grant()) == 'wrong_place'
    bench.stand(5.0, 1.2)
    bench.stand(2.0, -1.2, here=False)
    assert bench.unlock(bench.grant()) == 'wrong_place'
    bench.stand(0.1, 0.1)
    assert bench.unlock(bench.grant(place='home')) == 'ok'


def test_a_used_grant_is_refused_after_a_restart(tmp_path: Path) -> None:
    parameters = {**QUICK, 'state_dir': str(tmp_path)}
    codes = []
    grant = None
    for _ in range(2):
        with (
            running(PeripheralsNode, parameters, namespace=ROBOT) as node,
            probing(ROBOT) as probe,
        ):
            assert isinstance(node, PeripheralsNode)
            bench = Bench(node, probe, tmp_path)
            bench.stand(5.0, 1.2)
            grant = grant or bench.grant()
            codes.append(bench.unlock(grant))
    assert codes == ['ok', 'replayed']


def test_without_a_key_the_locks_are_disabled() -> None:
    with running(PeripheralsNode, QUICK, namespace=ROBOT), probing(ROBOT) as probe:
        drawers = probe.collect(graph.DRAWERS_STATE)
        wait_until(lambda: drawers and drawers[-1].drawers[0].state, 20, 'drawers known')
        assert not drawers[-1].locks_enabled
        assert 'no key' in drawers[-1].reason
        answer = probe.call(graph.UNLOCK_DRAWER, UnlockDrawer.Request())
        assert answer.code == 'locks_disabled'


def test_a_forced_drawer_is_told(bench: Bench) -> None:
    bench.board.force(2)
    wait_until(lambda: bench.drawer(2).state == DrawerState.FORCED, 15, 'forced')
    assert bench.drawer(1).state == DrawerState.LOCKED


def test_unplugging_shows_stale_within_a_second_and_heals(bench: Bench) -> None:
    assert bench.drawers[-1].locks_enabled
    bench.stand(5.0, 1.2)
    bench.board.unplug()
    wait_until(lambda: not bench.estop[-1].readable, 3 * 1.0, 'STALE within 1 s')
    wait_until(lambda: not bench.drawers[-1].locks_enabled, 3 * 0.5, 'drawers too')
    assert bench.estop[-1].engaged
    assert 'STALE' in bench.estop[-1].reason
    assert 'STALE' in bench.drawers[-1].reason
    assert all(d.state == DrawerState.UNKNOWN for d in bench.drawers[-1].drawers)
    wait_until(lambda: (bench.lights[-1].red, bench.lights[-1].green) == (0, 0), 3, 'dark')
    wait_until(lambda: 'STALE' in bench.node.fault, 3, 'fault')
    grant = bench.grant()
    assert bench.unlock(grant) == 'board_stale'
    answer = bench.probe.call(graph.SET_LIGHTS, SetLights.Request(priority=2))
    assert answer.code == 'board_stale'
    bench.board.plug()
    wait_until(lambda: bench.estop[-1].readable, 20, 'healed')
    assert not bench.estop[-1].engaged
    assert bench.node.fault == ''
    assert bench.unlock(grant) == 'ok'


def test_the_stop_line_is_told_at_once_and_at_five_hertz(bench: Bench) -> None:
    assert (bench.estop[-1].engaged, bench.estop[-1].origin.value) == (False, Origin.SIMULATED)
    bench.board.set_line(False)
    wait_until(lambda: bench.estop[-1].engaged, 3 * 1.0, 'engaged')
    assert bench.estop[-1].readable
    assert bench.estop[-1].reason
    count = len(bench.estop)
    wait_until(lambda: len(bench.estop) >= count + 11, 3 * 2.0, 'five in a second')
    first, last = (nanoseconds(bench.estop[i].header.stamp) for i in (count, count + 10))
    assert last - first > 1.6e9, 'and no more'


def test_a_call_is_held_until_cancelled(bench: Bench) -> None:
    bench.board.set_call(True)
    wait_until(lambda: bench.call[-1].pressed, 15, 'called')
    since = bench.call[-1].since
    assert since.sec > 0
    bench.board.set_call(False)
    bench.board.unplug()
    wait_until(lambda: not bench.estop[-1].readable, 15, 'unplugged')
    bench.board.plug()
    wait_until(lambda: bench.estop[-1].readable, 20, 'plugged in')
    assert bench.call[-1].pressed, 'a restart of the board does not cancel a call'
    assert bench.call[-1].since == since
    bench.board.set_cancel(True)
    wait_until(lambda: not bench.call[-1].pressed, 15, 'cancelled')


def _alarms(*alarms: tuple[int, int]) -> AlarmList:
    return AlarmList(alarms=[Alarm(priority=p, state=s) for p, s in alarms])


def test_the_light_bar_shows_the_highest_alarm(bench: Bench) -> None:
    def shown() -> int:
        return bench.lights[-1].red

    wait_until(lambda: shown() == 255, 15, 'yellow before alarms are heard')
    with probing('/ward') as ward:
        alarms, stands = ward.publisher(graph.ALARMS), [_alarms()]
        timer = ward.node.create_timer(0.2, lambda: alarms.publish(stands[-1]))
        wait_until(lambda: shown() == 20, 15, 'dim white')
        stands.append(_alarms((Alarm.HIGH, Alarm.ACTIVE), (Alarm.LOW, Alarm.ACTIVE)))
        wait_until(lambda: bench.lights[-1].priority == Alarm.HIGH, 15, 'red')
        last = bench.lights[-1]
        assert (last.red, last.green, last.flash_hz, last.duty) == (255, 0, 2.0, 0.5)
        for level in (255, 0, 255):
            wait_until(lambda red=level: bench.board.level(RED_PIN) == red, 15, f'red at {level}')
        wait_until(lambda: bench.board.firmware.tones, 15, 'a sound')
        stands.append(_alarms((Alarm.HIGH, Alarm.CLEARED), (Alarm.LOW, Alarm.ACTIVE)))
        wait_until(lambda: (bench.lights[-1].priority, shown()) == (Alarm.LOW, 0), 15, 'cyan')
        assert bench.lights[-1].flash_hz == 0.0
        timer.cancel()
        wait_until(lambda: shown() == 255 and bench.lights[-1].green == 160, 15, 'link lost')
        assert (bench.lights[-1].priority, bench.lights[-1].flash_hz) == (Alarm.LOW, 0.0)


def test_lights_and_sound_are_set_on_request(bench: Bench) -> None:
    answer = bench.probe.call(graph.SET_LIGHTS, SetLights.Request(priority=2))
    assert (answer.accepted, answer.code) == (True, 'ok')
    wait_until(lambda: bench.lights[-1].priority == 2, 15, 'shown')
    wait_until(lambda: bench.board.level(GREEN_PIN) == 160, 15, 'lit')
    answer = bench.probe.call(graph.SET_LIGHTS, SetLights.Request(priority=4))
    assert (answer.accepted, answer.code) == (False, 'unknown_priority')
    before = len(bench.board.firmware.tones)
    answer = bench.probe.call(graph.SET_SOUND, SetSound.Request(priority=1, test=True))
    assert answer.accepted
    wait_until(lambda: len(bench.board.firmware.tones) == before + 1, 15, 'played once')


def test_an_inactive_node_says_that_nothing_is_known(bench: Bench) -> None:
    bench.probe.call(graph.SET_LIGHTS, SetLights.Request(priority=3))
    wait_until(lambda: bench.lights[-1].priority == 3, 15, 'shown')
    bench.turn(bench.node.trigger_deactivate)
    wait_until(lambda: not bench.estop[-1].readable, 15, 'unreadable')
    assert bench.estop[-1].engaged
    wait_until(lambda: not bench.drawers[-1].locks_enabled, 15, 'locked')
    assert bench.unlock(bench.grant()) == 'not_active'
    bench.turn(bench.node.trigger_activate)
    wait_until(lambda: bench.estop[-1].readable, 20, 'active again')
    wait_until(lambda: bench.lights[-1].priority == 1, 15, 'what was asked before is forgotten')


def test_a_missing_port_is_named(tmp_path: Path) -> None:
    parameters = {**QUICK, 'port': str(tmp_path / 'nowhere')}
    with running(PeripheralsNode, parameters, namespace=ROBOT), probing(ROBOT) as probe:
        estop = probe.collect(graph.ESTOP_SENSE)
        wait_until(lambda: estop and 'no serial port' in estop[-1].reason, 15, 'named')
        assert estop[-1].engaged
        assert estop[-1].origin.value == Origin.LIVE


def test_a_simulated_board_on_a_real_port_says_that_it_is_simulated(tmp_path: Path) -> None:
    key = load_key(tmp_path / 'grant.key')
    with SimulatedBoard(tmp_path / 'port', key) as board:
        parameters = {
            **QUICK, 'port': board.port, 'settle': 0.1, 'state_dir': str(tmp_path),
        }  # fmt: skip
        with running(PeripheralsNode, parameters, namespace=ROBOT), probing(ROBOT) as probe:
            estop = probe.collect(graph.ESTOP_SENSE)
            wait_until(lambda: estop and estop[-1].readable, 20, 'connected')
            assert estop[-1].origin.value == Origin.SIMULATED


@pytest.mark.parametrize(
    ('wrong', 'text'),
    [
        ({'places': ['home 1']}, '"home 1"'),
        ({'bed_poses': [1.0, 2.0]}, 'bed_poses'),
        ({'grant_key_file': '{folder}/open.key'}, 'chmod'),
        ({'state_dir': '{folder}/open.key'}, 'grants'),
    ],
)
def test_what_cannot_work_is_refused_with_the_reason(
    tmp_path: Path, wrong: dict[str, Any], text: str
) -> None:
    (tmp_path / 'open.key').write_bytes(b'x' * 32)
    (tmp_path / 'open.key').chmod(0o644)
    wrong = {k: v.format(folder=tmp_path) if isinstance(v, str) else v for k, v in wrong.items()}
    with running(PeripheralsNode, {**QUICK, **wrong}, activate=False, namespace=ROBOT) as node:
        node.trigger_configure()
        assert text in node.fault


def test_a_call_that_cannot_be_read_is_not_told(bench: Bench) -> None:
    bench.board.set_call(True)
    wait_until(lambda: bench.call[-1].pressed, 15, 'called')
    bench.board.unplug()
    wait_until(lambda: not bench.estop[-1].readable, 15, 'unplugged')
    unread = next(m.header.stamp for m in reversed(bench.estop[:-1]) if m.readable)
    time.sleep(0.6)
    bench.turn(bench.node.trigger_deactivate)
    time.sleep(0.3)
    last = nanoseconds(bench.call[-1].header.stamp)
    assert last <= nanoseconds(unread), 'silence is all that may be said'
    assert bench.call[-1].pressed


def test_a_call_stands_over_a_restart_until_it_is_cancelled(tmp_path: Path) -> None:
    parameters = {**QUICK, 'state_dir': str(tmp_path)}
    since = []
    for _ in range(2):
        with (
            running(PeripheralsNode, parameters, namespace=ROBOT) as node,
            probing(ROBOT) as probe,
        ):
            assert isinstance(node, PeripheralsNode)
            bench = Bench(node, probe, tmp_path)
            if not since:
                bench.board.set_call(True)
            wait_until(lambda bench=bench: bench.call and bench.call[-1].pressed, 15, 'the call')
            since.append(bench.call[-1].since)
            if len(since) == 2:
                bench.board.set_cancel(True)
                wait_until(lambda bench=bench: not bench.call[-1].pressed, 15, 'cancelled')
    assert since[0] == since[1]
    assert not (tmp_path / 'nurse_call').exists()


def test_a_damaged_record_of_a_call_is_a_call(tmp_path: Path) -> None:
    (tmp_path / 'nurse_call').write_bytes(b'\xff?')
    assert CallLatch(tmp_path / 'nurse_call', lambda: 7).since_ns == 7
