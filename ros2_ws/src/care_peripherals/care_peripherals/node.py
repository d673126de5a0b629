# SPDX-License-Identifier: AGPL-3.0-or-later
"""Node `peripherals`: light bar, sound, drawer locks, nurse call and emergency-stop sense."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from care_msgs.msg import AlarmList, Origin
from care_msgs.srv import SetLights, SetSound, UnlockDrawer
from care_node import graph
from care_node.errors import ConfigurationError
from care_node.node import CareNode, run
from diagnostic_msgs.msg import DiagnosticStatus

from care_peripherals import messages
from care_peripherals.alarm_watch import AlarmWatch
from care_peripherals.board_state import Timing
from care_peripherals.call_latch import CallLatch
from care_peripherals.drawers import Drawer
from care_peripherals.grant import KeyFileError, load_key
from care_peripherals.grant_check import GrantCheck
from care_peripherals.light_bar import HIGH, NONE, OFF
from care_peripherals.nonce_store import NonceStore
from care_peripherals.parameters import PARAMETERS
from care_peripherals.places import Places, bed_places, named_places
from care_peripherals.port_choice import Ports, open_ports
from care_peripherals.station import Station, View
from care_peripherals.supervision import BoardSupervisor
from care_peripherals.wire import board_key

_LOOK_S = 0.05
_PUBLISH_EVERY_S = 0.2
_REPORT_S = 1.0
_NOT_RUNNING = View(
    stale='peripherals do not run', locks_disabled='', drawers=(), light=OFF, readable=False,
    engaged=True, estop_reason='peripherals do not run', call_since_ns=0, simulated=False,
)  # fmt: skip


class PeripheralsNode(CareNode):
    """Thin adapter between the graph and the board."""

    scope = 'robot'

    def __init__(self, **kwargs: Any) -> None:
        super().__init__('peripherals', PARAMETERS, **kwargs)
        self.ports: Ports | None = None

    def configure(self) -> None:
        """Read key, used grants and places; make topics and services."""
        self._places = self._read_places()
        key, self._no_key = self._read_key()
        self._board_key = None if key is None else board_key(key)
        self._check = None if key is None else GrantCheck(key, self._read_nonces())
        self._watch = AlarmWatch(self.value('alarms_silent_after'))
        self._origin = Origin.LIVE
        folder = self._state_dir()
        self._call = CallLatch(None if folder is None else folder / 'nurse_call', self._now_ns)
        self._forced: dict[int, int] = {}
        self._drawers_out = self.advertise(graph.DRAWERS_STATE)
        self._lights_out = self.advertise(graph.LIGHTS_STATE)
        self._estop_out = self.advertise(graph.ESTOP_SENSE)
        self._call_out = self.advertise(graph.NURSE_CALL)
        self.listen(graph.ALARMS, self._take_alarms)
        self.listen(graph.TF, lambda message: self._take_transforms(message, False))
        self.listen(graph.TF_STATIC, lambda message: self._take_transforms(message, True))
        self.serve(graph.UNLOCK_DRAWER, self._unlock)
        self.serve(graph.SET_LIGHTS, self._set_lights)
        self.serve(graph.SET_SOUND, self._set_sound)
        self.every(_LOOK_S, self._look)
        self.every(_REPORT_S, self._report)
        self.ports = open_ports(
            self.value('port'),
            self.value('settle'),
            key,
            self.value('drawers'),
            self.value('simulated_control'),
        )

    def activate(self) -> None:
        """Begin to connect to the board."""
        assert self.ports is not None
        timing = Timing(
            self.value('stale_after'), self.value('retry_first'), self.value('retry_longest')
        )
        self._board = BoardSupervisor(
            self.ports.make_board, self._board_key, timing, port_exists=self.ports.exists
        )
        self._station = Station(
            self._board,
            self.value('drawers'),
            self._check,
            self._call,
            self._no_key,
            self.value('unlock_time'),
        )
        self._shown: View | None = None
        self._shown_at = float('-inf')
        self._board.start()

    def deactivate(self) -> None:
        """Leave the board dark and locked, and say that nothing is known any more."""
        self._station.close()
        self._watch.asked_light = self._watch.asked_sound = NONE
        unknown = tuple(Drawer(number + 1) for number in range(self.value('drawers')))
        self._publish(View(**{**vars(_NOT_RUNNING), 'drawers': unknown}))

    def cleanup(self) -> None:
        """End the simulated board, if there is one."""
        if self.ports is not None:
            self.ports.close()
            self.ports = None

    # Inputs --------------------------------------------------------------------------------------

    def _take_alarms(self, message: AlarmList) -> None:
        self._watch.take(messages.standing(message), time.monotonic())

    def _take_transforms(self, message: Any, fixed: bool) -> None:
        for parent, child, stamp, pose in messages.transforms(message):
            self._places.add(parent, child, stamp, pose, fixed=fixed)

    # Requests ------------------------------------------------------------------------------------

    def _unlock(
        self, request: UnlockDrawer.Request, response: UnlockDrawer.Response
    ) -> UnlockDrawer.Response:
        if not self.active:
            return _fill(response, False, 'not_active', 'The peripherals are not running.')
        grant = messages.grant(request.grant)
        verdict = self._station.unlock(grant, self._places.here(), self._now_ns)
        self.get_logger().info(
            f'Unlock drawer {grant.drawer} for order "{grant.order_id}" by "{grant.user}" '
            f'witness "{grant.witness}" nonce {grant.nonce}: {verdict.code}'
        )
        return _fill(response, verdict.ok, verdict.code, verdict.text)

    def _set_lights(
        self, request: SetLights.Request, response: SetLights.Response
    ) -> SetLights.Response:
        refusal = self._refusal(request.priority)
        if refusal:
            return _fill(response, False, *refusal)
        self._watch.asked_light = request.priority
        self._look()
        return _fill(response, True, 'ok', 'The highest of this and the alarms is shown.')

    def _set_sound(
        self, request: SetSound.Request, response: SetSound.Response
    ) -> SetSound.Response:
        refusal = self._refusal(request.priority)
        if refusal:
            return _fill(response, False, *refusal)
        if request.test:
            self._board.test_sound(request.priority)
            return _fill(response, True, 'ok', 'Played once.')
        self._watch.asked_sound = request.priority
        return _fill(response, True, 'ok', 'The highest of this and the alarms is played.')

    def _refusal(self, priority: int) -> tuple[str, str] | None:
        if not self.active:
            return 'not_active', 'The peripherals are not running.'
        if priority > HIGH:
            return 'unknown_priority', f'There is no priority {priority}.'
        stale = self._station.view().stale
        return ('board_stale', f'Nothing was changed: {stale}.') if stale else None

    # Outputs -------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Look at the board and the alarms; publish what changed, and all of it at 5 Hz."""
        now = time.monotonic()
        self._board.show(self._watch.light(now))
        self._board.sound(self._watch.sound(now, self._now_ns() / 1e9))
        view = self._station.view()
        if view == self._shown and now - self._shown_at < _PUBLISH_EVERY_S - _LOOK_S / 2:
            return
        self._note(view)
        self._shown, self._shown_at = view, now
        self._publish(view)

    def _note(self, view: View) -> None:
        """Log what a person wants to read later."""
        before = self._shown
        self.fault = view.stale
        if before is not None and before.stale != view.stale:
            if view.stale:
                self.get_logger().error(view.stale)
            else:
                self.get_logger().info('The board is connected.')
        for drawer, times in self._station.forced.items():
            if self._forced.get(drawer, 0) < times:
                self._forced[drawer] = times
                self.get_logger().error(f'Drawer {drawer} was opened without a grant.')

    def _publish(self, view: View) -> None:
        now = self.stamp()
        assert self.ports is not None
        simulated = self.ports.simulated or view.simulated
        origin = Origin.SIMULATED if simulated else Origin.LIVE
        disabled = view.locks_disabled or view.stale
        self._estop_out.publish(
            messages.estop(view.engaged, view.estop_reason, view.readable, origin, now)
        )
        self._drawers_out.publish(
            messages.drawers(view.drawers, not disabled, disabled, origin, now)
        )
        self._lights_out.publish(messages.lights(view.light, origin, now))
        if view.readable:  # a call that cannot be read has not ended: silence tells so
            self._call_out.publish(messages.nurse_call(view.call_since_ns, origin, now))

    def _report(self) -> None:
        """Say what a technician wants to know."""
        snapshot = self._board.snapshot()
        counts = snapshot.counts
        assert counts is not None
        beat = snapshot.heartbeat
        self.diagnose(
            'board',
            DiagnosticStatus.OK if snapshot.fresh else DiagnosticStatus.ERROR,
            snapshot.firmware if snapshot.fresh else f'STALE: {snapshot.reason}',
            port=self.value('port'),
            age_s=f'{snapshot.age_s:.2f}',
            connects=counts.connects,
            losses=counts.losses,
            resets=counts.resets,
            failures=counts.failures,
            last_failure=counts.last_failure,
            bad_messages=snapshot.bad_messages,
            refused_writes=beat.refused_writes if beat else '',
            firmware_texts=' | '.join(counts.texts),
        )
        lost = self._watch.link_lost(time.monotonic())
        self.diagnose(
            'alarms',
            DiagnosticStatus.WARN if lost else DiagnosticStatus.OK,
            'alarm link lost' if lost else 'heard',
        )
        for drawer, times in self._station.forced.items():
            self.diagnose(
                f'drawer {drawer}', DiagnosticStatus.WARN, 'opened without a grant', times=times
            )

    # Insides -------------------------------------------------------------------------------------

    def _now_ns(self) -> int:
        return int(self.get_clock().now().nanoseconds)

    def _state_dir(self) -> Path | None:
        folder = self.value('state_dir')
        return Path(folder) if folder else None

    def _read_places(self) -> Places:
        try:
            places = bed_places(self.value('beds'), self.value('bed_poses'))
            places |= named_places(self.value('places'))
        except ValueError as error:
            raise ConfigurationError(
                f'The places are wrong: {error}.', 'Correct params/peripherals.yaml or ward.yaml.'
            ) from error
        return Places(places, self.value('place_radius'), self.value('base_frame'))

    def _read_key(self) -> tuple[bytes | None, str]:
        folder = self._state_dir()
        named = self.value('grant_key_file')
        if not named and folder is None:
            return None, 'there is no key for grants: set grant_key_file or state_dir'
        path = Path(named) if named else folder / 'grant.key' if folder else Path()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return load_key(path), ''
        except (KeyFileError, OSError) as error:
            raise ConfigurationError(
                f'The key of the grants cannot be used: {error}.',
                'Give grant_key_file a file of at least 32 random bytes that only this user reads.',
            ) from error

    def _read_nonces(self) -> NonceStore:
        folder = self._state_dir()
        path = None if folder is None else folder / 'used_grants'
        try:
            return NonceStore(path, self._now_ns())
        except OSError as error:
            raise ConfigurationError(
                f'Used grants cannot be kept in {path}: {error.strerror}.',
                'Give the node a state_dir that it may write to.',
            ) from error


def _fill(response: Any, accepted: bool, code: str, text: str) -> Any:
    response.accepted, response.code, response.text = accepted, code, text
    return response


def main() -> None:
    """Run the node."""
    run(PeripheralsNode)


if __name__ == '__main__':
    main()
