# SPDX-License-Identifier: Apache-2.0
"""The robot's board in the running stack: drawers, light bar, nurse call, and a cable that is out.

The board is the simulated one behind a pseudo-terminal; a person's hands are its control socket.
"""

import ast
import hashlib
import hmac
import json
import re
import secrets
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from builtin_interfaces.msg import Time
from care_msgs.msg import Alarm, DrawerState, Grant, Limit, SafetyState
from care_msgs.srv import AcknowledgeAlarm, SetLimits, UnlockDrawer
from care_node import graph
from care_node.testing import Probe, probing
from geometry_msgs.msg import TwistStamped
from robot_drive import Driver, driving
from ward_stack import Stack, running_stack, wait_for
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

RED_PIN, GREEN_PIN, BLUE_PIN = 5, 6, 9
#: Deadlines [s] are three times what holds on a quiet machine: 1 s each.
SHOWN_S = 3.0
#: All other waits end at once when the condition holds.
PATIENCE_S = 30.0
#: A starved machine blanks heart rates, and a blank neither raises nor ends an alarm.
RATE_S = 120.0


class Hands:
    """A person at the simulated board."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def do(self, line: str) -> str:
        """Carry out one line of the board's console; return its answer."""
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(10)
            link.connect(str(self._path))
            link.sendall(f'{line}\n'.encode())
            return link.makefile().readline().strip()

    def _of_state(self, pattern: str) -> Any:
        state = self.do('state')
        found = re.search(pattern, state)
        assert found is not None, state
        return ast.literal_eval(found[1])

    def locks(self) -> list[str]:
        """Return what the locks of the drawers are: locked, unlocked or open."""
        return list(self._of_state(r'drawers (\[.*\])'))

    def light(self) -> tuple[int, int, int]:
        """Return what the pins of the light bar drive: red, green, blue, 0..255."""
        pins = self._of_state(r'pins (\{.*\}) drawers')
        return pins.get(RED_PIN, 0), pins.get(GREEN_PIN, 0), pins.get(BLUE_PIN, 0)

    def lights(self, seconds: float) -> set[tuple[int, int, int]]:
        """Return all that the light bar showed in a time."""
        seen, end = set(), time.monotonic() + seconds
        while time.monotonic() < end:
            seen.add(self.light())
            time.sleep(0.05)
        return seen


class Page:
    """What a page gets over its socket; nobody is logged in."""

    def __init__(self, stack: Stack) -> None:
        self.robot: dict[str, Any] = {}
        self._alarms: list[dict[str, Any]] = []
        self._socket = connect(
            stack.url.replace('http', 'ws') + 'ws', origin=stack.url.rstrip('/'), legacy=True
        )
        self._socket.send('{"type":"hello","protocol":1,"boot":null,"last":{}}')
        self._thread = threading.Thread(target=self._read, name='page')
        self._thread.start()

    def _read(self) -> None:
        with suppress(ConnectionClosed):
            self._take()

    def _take(self) -> None:
        for frame in self._socket:
            if isinstance(frame, bytes):
                continue
            message = json.loads(frame)
            if message['type'] == 'status':
                self._socket.send('{"type":"tick"}')
            elif message['type'] == 'robot':
                self.robot = message
            elif message['type'] == 'alarms':
                self._alarms = message['alarms']

    def alarm(self, code: str) -> dict[str, Any]:
        """Return the alarm of a code; empty when the page has none."""
        return next((a for a in self._alarms if a['code'] == code), {})

    def standing(self) -> list[dict[str, Any]]:
        """Return the alarms that are not over."""
        return [a for a in self._alarms if a['state'] != 'CLEARED']

    def state(self, code: str) -> str:
        """Return the state of the alarm of a code, '' when the page has none."""
        return str(self.alarm(code).get('state', ''))

    def drawer(self, number: int) -> str:
        """Return the state of a drawer, '' while the page knows none."""
        known = {d['drawer']: d['state'] for d in self.robot.get('drawers', [])}
        return str(known.get(number, ''))

    def readable(self) -> bool:
        """Tell whether the page is told that the board can be read."""
        return bool(self.robot) and bool(self.robot['estop']['readable'])

    def close(self) -> None:
        self._socket.close()
        self._thread.join()


class Grants:
    """Asks for drawers with grants, signed by hand as the interface says."""

    def __init__(self, driver: Driver, key_file: Path) -> None:
        self._probe = driver.probe
        self._key_file = key_file

    def grant(self, **fields: Any) -> Grant:
        """Return a signed grant for drawer 1 at home, good for a minute."""
        now = int(time.time())
        grant = Grant(
            order_id='order-1', order_version=1, drawer=1, purpose=Grant.GIVE, place='home',
            user='nurse_1', nonce=secrets.randbits(63),
            issued=Time(sec=now), expires=Time(sec=now + 60),
        )  # fmt: skip
        for name, value in fields.items():
            setattr(grant, name, value)
        key = self._key_file.read_bytes()
        grant.signature = list(hmac.new(key, _signed_bytes(grant), hashlib.sha256).digest())
        return grant

    def ask(self, grant: Grant) -> str:
        """Ask to unlock; return the code of the answer."""
        answer = self._probe.call(graph.UNLOCK_DRAWER, UnlockDrawer.Request(grant=grant), 30)
        assert answer.accepted == (answer.code == 'ok')
        return str(answer.code)


def _signed_bytes(grant: Grant) -> bytes:
    def text(words: str) -> bytes:
        return struct.pack('>H', len(words.encode())) + words.encode()

    def moment(stamp: Time) -> bytes:
        return struct.pack('>iI', stamp.sec, stamp.nanosec)

    return b''.join(
        (
            b'nightingale grant 1\0', text(grant.order_id), struct.pack('>I', grant.order_version),
            text(grant.admission_id), struct.pack('>BB', grant.drawer, grant.purpose),
            text(grant.place), text(grant.user), text(grant.witness), moment(grant.issued),
            moment(grant.expires), struct.pack('>Q', grant.nonce),
        )
    )  # fmt: skip


class Wheel:
    """Commands the base directly, with no task between."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._commands = driver.probe.publisher(graph.CMD_VEL)
        driver.probe.matched(self._commands)

    def push(self, speed: float) -> bool:
        """Command a speed [m/s] until the base moves, 1.5 s at most; tell whether it moved."""
        moved, end = False, time.monotonic() + 1.5
        while not moved and time.monotonic() < end:
            command = TwistStamped()
            command.header.stamp = self._driver.probe.node.get_clock().now().to_msg()
            command.header.frame_id = 'base_link'
            command.twist.linear.x = speed
            self._commands.publish(command)
            time.sleep(0.05)
            moved = self._driver.speed() > abs(speed) / 2
        self._driver.time_to_rest(time.monotonic(), PATIENCE_S)
        return moved

    def moves(self, speed: float) -> None:
        """Command a speed [m/s] until the base has moved.

        Again after a pause where it does not: a starved machine's late heartbeat holds the base
        too, and control then wants a fresh command.
        """

        def moved() -> bool:
            time.sleep(0.5)
            return self.push(speed)

        wait_for(moved, PATIENCE_S, lambda: f'motion; control says {_reasons(self._driver)}')


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp('board')


@pytest.fixture(scope='module')
def stack(folder: Path) -> Iterator[Stack]:
    # One patient is enough, and leaves the board more of the processor.
    patient = {'sim_beds': '[4]', 'admit': '[4]'}
    with running_stack(folder, board_control=str(folder / 'hands'), **patient) as running:
        yield running


@pytest.fixture(scope='module')
def hands(folder: Path, stack: Stack) -> Hands:
    wait_for((folder / 'hands').exists, PATIENCE_S, 'the control socket of the board')
    return Hands(folder / 'hands')


@pytest.fixture(scope='module')
def driver(stack: Stack) -> Iterator[Driver]:
    with driving() as made:
        yield made


@pytest.fixture(scope='module')
def wheel(driver: Driver) -> Wheel:
    return Wheel(driver)


@pytest.fixture(scope='module')
def ward(stack: Stack) -> Iterator[Probe]:
    with probing('/ward') as probe:
        yield probe


@pytest.fixture
def page(stack: Stack, driver: Driver, hands: Hands) -> Iterator[Page]:
    """Give a page of a ward where nothing is the matter."""
    driver.wait_ready()
    made = Page(stack)
    try:
        wait_for(lambda: made.readable() and made.drawer(1) == 'LOCKED', PATIENCE_S, 'the board')
        yield made
    finally:
        made.close()
        hands.do('plug')
        hands.do('cancel')
        for number in (1, 2, 3, 4):
            hands.do(f'shut {number}')


def _reasons(driver: Driver) -> str:
    """Return why control holds the base, by its last word."""
    return '; '.join(driver.safety[-1].reasons)


def _acknowledge(ward: Probe, page: Page, *spared: str) -> None:
    """Acknowledge alarms that are over and latched; a starved machine raises its own."""
    for alarm in page.standing():
        if alarm['state'] == 'LATCHED' and alarm['code'] not in spared:
            request = AcknowledgeAlarm.Request(alarm_id=alarm['id'], user='test')
            ward.call(graph.ACKNOWLEDGE, request, PATIENCE_S)


def test_a_grant_that_is_not_valid_is_refused_with_its_code_and_the_bolt_stays(
    stack: Stack, driver: Driver, hands: Hands, page: Page
) -> None:
    grants = Grants(driver, stack.state_dir / 'grant.key')
    forged = grants.grant()
    forged.drawer = 2
    refused = {
        'forged': forged,
        'expired': grants.grant(expires=Time(sec=int(time.time()) - 1)),
        'wrong_drawer': grants.grant(drawer=9),
        'wrong_place': grants.grant(place='bed_4'),
    }
    for code, grant in refused.items():
        assert grants.ask(grant) == code
        assert hands.locks() == ['locked'] * 4
        assert [hands.do(f'pull {n}') for n in (1, 2, 3, 4)] == ['shut'] * 4


def test_a_valid_grant_opens_one_drawer_once_and_the_base_stays_while_it_is_open(
    stack: Stack, driver: Driver, wheel: Wheel, hands: Hands, page: Page
) -> None:
    grants = Grants(driver, stack.state_dir / 'grant.key')
    drawers = driver.probe.collect(graph.DRAWERS_STATE)
    wheel.moves(0.1)
    grant = grants.grant()
    assert grants.ask(grant) == 'ok'
    assert hands.locks() == ['unlocked', 'locked', 'locked', 'locked']
    wait_for(lambda: page.drawer(1) == 'UNLOCKED', SHOWN_S, 'UNLOCKED on the page')
    assert drawers[-1].drawers[0].grant_nonce == str(grant.nonce)

    assert hands.do('pull 1') == 'open'
    wait_for(lambda: page.drawer(1) == 'OPEN', SHOWN_S, 'OPEN on the page')
    assert drawers[-1].drawers[0].state == DrawerState.OPEN
    wait_for(lambda: 'A drawer is open' in _reasons(driver), SHOWN_S, 'the reason')
    assert driver.safety[-1].state == SafetyState.PROTECTIVE_STOP
    place = driver.at()
    assert driver.result(driver.send('go_to_bed', 1)).code != 'ok'
    assert not wheel.push(0.1)
    assert driver.at() == pytest.approx(place, abs=0.005)

    hands.do('shut 1')
    wait_for(lambda: page.drawer(1) == 'LOCKED', SHOWN_S, 'LOCKED on the page')
    assert hands.locks() == ['locked'] * 4
    assert drawers[-1].drawers[0].grant_nonce == ''
    assert grants.ask(grant) == 'replayed'
    assert hands.do('pull 1') == 'shut'
    driver.wait_ready()
    wheel.moves(-0.1)


def test_a_forced_drawer_is_on_the_alarm_list_until_somebody_knows_though_it_is_shut(
    driver: Driver, hands: Hands, page: Page
) -> None:
    hands.do('force 2')
    wait_for(lambda: page.state('drawer_forced') == 'ACTIVE', SHOWN_S, 'the alarm on the page')
    alarm = page.alarm('drawer_forced')
    assert (alarm['bed'], alarm['priority'], alarm['type']) == (0, 'MEDIUM', 'TECHNICAL')
    assert alarm['text'] == 'Robot drawer forced open: 2'
    wait_for(lambda: 'A drawer is open' in _reasons(driver), SHOWN_S, 'the base held')
    hands.do('shut 2')
    wait_for(lambda: page.state('drawer_forced') == 'LATCHED', SHOWN_S, 'the alarm kept')
    driver.wait_ready()


def test_the_light_bar_shows_the_highest_alarm_and_goes_back_when_it_is_over(
    driver: Driver, hands: Hands, ward: Probe, page: Page
) -> None:
    lights = driver.probe.collect(graph.LIGHTS_STATE)
    limits = ward.collect(graph.LIMITS, bed=4)
    wait_for(lambda: limits and limits[-1].limits, PATIENCE_S, 'the limits of bed 4')
    defaults = list(limits[-1].defaults)

    def show(priority: int, colour: tuple[int, int, int], *spared: str) -> None:
        def shown() -> bool:
            _acknowledge(ward, page, *spared)
            last = lights[-1]
            said = (last.red, last.green, last.blue)
            return last.priority == priority and said == colour == hands.light()

        wait_for(shown, RATE_S, lambda: f'light {priority}; there are {page.standing()}')

    def limit(*numbers: float) -> None:
        names = ('extreme_low', 'low', 'high', 'extreme_high')
        wanted = Limit(kind=defaults[0].kind, unit=defaults[0].unit)
        for name, number in zip(names, numbers, strict=True):
            setattr(wanted, name, number)
        set_limits([wanted])

    def set_limits(wanted: list[Limit]) -> None:
        request = SetLimits.Request(
            bed=4, admission_id=limits[-1].admission_id, user='test', limits=wanted
        )
        answer = ward.call(graph.SET_LIMITS, request, 30)
        assert answer.accepted, answer.text

    wait_for(lambda: lights, PATIENCE_S, 'the light bar')
    show(0, (20, 20, 20))
    # The rate of bed 4 lies well above 75.
    limit(20.0, 30.0, 70.0, 290.0)
    show(Alarm.MEDIUM, (255, 160, 0))
    limit(20.0, 30.0, 70.0, 75.0)
    high = 'extreme_tachycardia'
    show(Alarm.HIGH, (255, 0, 0), high)
    assert hands.lights(1.5) <= {(255, 0, 0), (0, 0, 0)}
    wait_for(lambda: hands.light() == (0, 0, 0), PATIENCE_S, 'the dark of a flash')
    set_limits(defaults)
    wait_for(
        lambda: page.state(high) == 'LATCHED',
        RATE_S,
        lambda: f'LATCHED; there are {page.standing()}',
    )
    show(Alarm.HIGH, (255, 0, 0), high)
    show(0, (20, 20, 20))


def test_an_unplugged_board_is_shown_as_stale_within_a_second_and_heals(
    driver: Driver, wheel: Wheel, hands: Hands, ward: Probe, page: Page
) -> None:
    told: list[Any] = ward.collect(graph.DIAGNOSTICS)

    def board() -> str:
        lines = [s for m in list(told) for s in m.status if s.name.endswith('peripherals: board')]
        return f'{ord(lines[-1].level)} {lines[-1].message}' if lines else ''

    wait_for(lambda: board().startswith('0'), PATIENCE_S, 'good diagnostics')
    wheel.moves(0.1)
    unplugged = time.monotonic()
    hands.do('unplug')

    def left() -> float:
        return max(0.1, SHOWN_S - (time.monotonic() - unplugged))

    wait_for(lambda: not page.readable(), left(), 'STALE on the page')
    shown = time.monotonic() - unplugged
    assert 'STALE' in page.robot['estop']['reason']
    wait_for(lambda: page.drawer(1) == 'UNKNOWN', left(), 'drawers not known')
    assert not page.robot['locks_enabled']
    line = 'emergency-stop line cannot be read'
    wait_for(lambda: line in _reasons(driver), left(), 'the reason in safety_state')
    assert driver.safety[-1].state == SafetyState.PROTECTIVE_STOP
    wait_for(lambda: 'STALE' in board(), left(), 'ERROR in the diagnostics')
    assert board().startswith('2')
    print(f'on the page after {shown:.2f} s, everywhere after {time.monotonic() - unplugged:.2f} s')
    assert not wheel.push(0.1)

    hands.do('plug')
    wait_for(page.readable, PATIENCE_S, 'the board on the page again')
    wait_for(lambda: page.drawer(1) == 'LOCKED', PATIENCE_S, 'the drawers again')
    assert page.robot['locks_enabled']
    wait_for(lambda: board().startswith('0'), PATIENCE_S, 'good diagnostics again')
    wait_for(lambda: hands.light() != (0, 0, 0), PATIENCE_S, 'the light bar lit again')
    driver.wait_ready()
    wheel.moves(-0.1)


def test_a_nurse_call_is_on_the_page_within_a_second_and_until_it_is_cancelled(
    hands: Hands, ward: Probe, page: Page
) -> None:
    pressed = time.monotonic()
    hands.do('call')
    wait_for(lambda: page.state('nurse_call') == 'ACTIVE', SHOWN_S, 'the call on the page')
    print(f'on the page after {time.monotonic() - pressed:.2f} s')
    hands.do('hang_up')
    call = page.alarm('nurse_call')
    assert (call['bed'], call['type'], call['origin']) == (0, 'NURSE_CALL', 'SIMULATED')
    request = AcknowledgeAlarm.Request(alarm_id=call['id'], user='test')
    assert ward.call(graph.ACKNOWLEDGE, request, 30).accepted
    wait_for(lambda: page.alarm('nurse_call')['acknowledged_by'] == 'test', SHOWN_S, 'who comes')
    assert page.state('nurse_call') == 'ACKNOWLEDGED'
    hands.do('cancel')
    wait_for(lambda: page.state('nurse_call') == 'CLEARED', SHOWN_S, 'the end of the call')


@pytest.mark.parametrize('gone', ['cable', 'peripherals_node'])
def test_a_nurse_call_goes_on_when_its_button_falls_silent_and_says_so(
    stack: Stack, hands: Hands, page: Page, gone: str
) -> None:
    def hidden_by() -> str:
        return str(page.alarm('nurse_call').get('suppressed_by', 'no call'))

    hands.do('call')
    wait_for(lambda: page.state('nurse_call') == 'ACTIVE', SHOWN_S, 'the call on the page')
    identity = page.alarm('nurse_call')['id']
    hands.do('hang_up')
    if gone == 'cable':
        hands.do('unplug')
        wait_for(lambda: hidden_by() == 'source lost', PATIENCE_S, 'the note')
        hands.do('plug')
    else:
        stack.kill(gone)
        wait_for(lambda: hidden_by() == 'source lost', PATIENCE_S, 'the note')
    wait_for(lambda: hidden_by() == '', PATIENCE_S, 'the button heard again')
    time.sleep(1.0)
    assert page.state('nurse_call') == 'ACTIVE'
    assert page.alarm('nurse_call')['id'] == identity

    def cancelled() -> bool:
        hands.do('cancel')
        return page.state('nurse_call') == 'CLEARED'

    wait_for(cancelled, PATIENCE_S, 'the end of the call')
