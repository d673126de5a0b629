# SPDX-License-Identifier: Apache-2.0
"""Node `alarms`: keeps the ward state, raises alarms, serves the nurses' requests about them."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from care_msgs.msg import ClinicalEvent, DrawersState, NurseCall, VitalSigns
from care_msgs.srv import AcknowledgeAlarm, PauseAudio, SetLimits, SetPatient
from care_node import graph
from care_node.errors import ConfigurationError
from care_node.node import CareNode, run
from diagnostic_msgs.msg import DiagnosticStatus

from care_alarms import messages
from care_alarms.answers import Answer
from care_alarms.desk import Desk
from care_alarms.moment import Moment
from care_alarms.parameters import PARAMETERS, admissions, settings
from care_alarms.refusal import RefusedError
from care_alarms.store import InUseError

_TICK_S = 0.25
_SNAPSHOT_S = 1.0


class AlarmsNode(CareNode):
    """Thin adapter between the graph and the ward desk."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__('alarms', PARAMETERS, **kwargs)
        self.sequence = 0
        self._published = -1

    def configure(self) -> None:
        """Open the kept ward state; make topics and services."""
        self.desk = self._open()
        if self.desk.problem:
            self.get_logger().error(self.desk.problem)
        self._alarms = self.advertise(graph.ALARMS)
        self._beds = self.value('beds')
        for_bed = {bed: partial(self.advertise, bed=bed) for bed in self._beds}
        self._patient = {bed: make(graph.PATIENT) for bed, make in for_bed.items()}
        self._limits = {bed: make(graph.LIMITS) for bed, make in for_bed.items()}
        self._watch = {bed: make(graph.WATCH) for bed, make in for_bed.items()}
        for bed in self._beds:
            self.listen(graph.VITALS, partial(self._take_vitals, bed), bed=bed)
            self.listen(graph.EVENT, partial(self._take_event, bed), bed=bed)
        self.listen(graph.NURSE_CALL, self._take_call)
        self.listen(graph.DRAWERS_STATE, self._take_drawers)
        self.serve(graph.ACKNOWLEDGE, self._acknowledge)
        self.serve(graph.SET_LIMITS, self._set_limits)
        self.serve(graph.PAUSE_AUDIO, self._pause_audio)
        self.serve(graph.SET_PATIENT, self._set_patient)
        self.every(_TICK_S, self._tick)
        self.every(_SNAPSHOT_S, self._each_second)

    def activate(self) -> None:
        """Begin to watch; tell everyone the state of the ward."""
        self._since = self.stamp()
        self.desk.start(self._now())
        for bed in self._beds:
            self._publish_bed(bed)
        self._publish()

    def cleanup(self) -> None:
        """Close the kept ward state."""
        self.desk.close()

    # Inputs ------------------------------------------------------------------------------------

    def _take_vitals(self, bed: int, message: VitalSigns) -> None:
        now = self._now()
        if self._is_of_bed(bed, message):
            self.desk.engine.take_vitals(bed, messages.vitals(message), now)
        self._tell(now)

    def _take_event(self, bed: int, message: ClinicalEvent) -> None:
        now = self._now()
        if self._is_of_bed(bed, message):
            self.desk.engine.take_event(bed, messages.event(message), now)
        self._tell(now)

    def _take_call(self, message: NurseCall) -> None:
        now = self._now()
        self.desk.engine.take_call(messages.call(message), now)
        self._tell(now)

    def _take_drawers(self, message: DrawersState) -> None:
        now = self._now()
        self.desk.engine.take_drawers(messages.drawers(message), now)
        self._tell(now)

    def _is_of_bed(self, bed: int, message: VitalSigns | ClinicalEvent) -> bool:
        if message.bed == bed:
            return True
        self.desk.engine.foreign[bed] += 1
        return False

    def _tick(self) -> None:
        now = self._now()
        self.desk.engine.tick(now)
        self._tell(now)

    # Requests ----------------------------------------------------------------------------------

    def _acknowledge(
        self, request: AcknowledgeAlarm.Request, response: AcknowledgeAlarm.Response
    ) -> AcknowledgeAlarm.Response:
        return self._answer(
            response,
            lambda now: self.desk.acknowledge(
                request.request_id, request.alarm_id, request.user, now
            ),
        )

    def _set_limits(
        self, request: SetLimits.Request, response: SetLimits.Response
    ) -> SetLimits.Response:
        wanted = messages.limits(request.limits)
        return self._answer(
            response,
            lambda now: self.desk.set_limits(
                request.request_id, request.bed, request.admission_id, wanted, request.user, now
            ),
            request.bed,
        )

    def _pause_audio(
        self, request: PauseAudio.Request, response: PauseAudio.Response
    ) -> PauseAudio.Response:
        return self._answer(
            response,
            lambda now: self.desk.pause_audio(
                request.request_id, request.bed, request.seconds, request.user, now
            ),
        )

    def _set_patient(
        self, request: SetPatient.Request, response: SetPatient.Response
    ) -> SetPatient.Response:
        return self._answer(
            response,
            lambda now: self.desk.set_patient(
                request.request_id,
                request.bed,
                messages.patient(request.patient),
                request.user,
                now,
            ),
            request.bed,
        )

    def _answer(
        self, response: Any, act: Callable[[Moment], Answer], changed_bed: int | None = None
    ) -> Any:
        """Carry out a request, tell everyone what changed, and fill the response."""
        if not self.active:
            answer = Answer(False, 'not_active', 'The alarms are not running.')
        else:
            now = self._now()
            try:
                answer = act(now)
            except RefusedError as error:
                answer = Answer(False, error.code, error.text)
            if changed_bed is not None:
                self._publish_bed(changed_bed)
            self._tell(now)
        response.accepted, response.code, response.text = answer.accepted, answer.code, answer.text
        if hasattr(response, 'admission_id'):
            response.admission_id = answer.admission_id
        return response

    # Outputs -----------------------------------------------------------------------------------

    def _tell(self, now: Moment) -> None:
        """Publish what has changed, then keep it: people come before the disk."""
        if self.desk.engine.board.revision != self._published:
            self._publish()
        self.desk.save(now)
        if self.desk.engine.board.revision != self._published:
            self._publish()

    def _publish(self) -> None:
        self.sequence += 1
        board = self.desk.engine.board
        self._published = board.revision
        self._alarms.publish(
            messages.alarm_list(
                self.desk.ward, board, self.pulse.boot_id, self.sequence, self.stamp()
            )
        )

    def _publish_bed(self, number: int) -> None:
        bed = self.desk.ward.beds.get(number)
        if bed is None:
            return
        now = self.stamp()
        self._patient[number].publish(messages.patient_message(bed, now))
        self._limits[number].publish(messages.limits_message(bed, now))
        self._watch[number].publish(messages.watch_message(bed, self._since, now))

    def _each_second(self) -> None:
        """Publish the snapshot of this second, and what a technician wants to know."""
        self._publish()
        desk, engine = self.desk, self.desk.engine
        self.fault = desk.storage_fault
        trouble = desk.storage_fault or desk.problem
        self.diagnose(
            'ward state',
            DiagnosticStatus.WARN if trouble else DiagnosticStatus.OK,
            trouble or 'kept',
            dropped_journal_entries=desk.dropped(),
        )
        self.diagnose(
            'ignored messages',
            DiagnosticStatus.OK,
            'about another admission or bed, or of no known kind',
            unknown_events=engine.unknown,
            **{f'bed_{bed}': count for bed, count in engine.foreign.items()},
        )

    # Insides -----------------------------------------------------------------------------------

    def _now(self) -> Moment:
        return Moment(self.get_clock().now().nanoseconds, time.monotonic())

    def _open(self) -> Desk:
        folder = self.value('state_dir')
        path = Path(folder) / 'alarms.sqlite' if folder else None
        try:
            return Desk(
                self.value('beds'),
                settings(self.value),
                self._now(),
                path,
                self.value('journal_entries'),
                admissions(self.value),
            )
        except InUseError as error:
            raise ConfigurationError(
                f'The ward state is in use: {error}.',
                'Stop the other alarms node, or give this one a state_dir of its own.',
            ) from error
        except (OSError, sqlite3.OperationalError) as error:
            raise ConfigurationError(
                f'The ward state {path} cannot be opened: {error}.',
                'Give the node a state_dir that it may write to.',
            ) from error


def main() -> None:
    """Run the node."""
    run(AlarmsNode)


if __name__ == '__main__':
    main()
