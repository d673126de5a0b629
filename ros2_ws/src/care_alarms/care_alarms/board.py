# SPDX-License-Identifier: Apache-2.0
"""The alarms of the ward: raising, ending, acknowledging, pausing their sound.

The board does not judge signals; it is told which conditions begin and end, and keeps one alarm for
each condition of each bed.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from care_alarms.alarm import Alarm, Happening, State
from care_alarms.audio import AudioPauses
from care_alarms.catalogue import CODES, Category, Priority
from care_alarms.journal import Entry
from care_alarms.moment import Moment
from care_alarms.refusal import RefusedError

#: What hides the source of an alarm: it is silent; it has not spoken since a restart.
SOURCE_LOST = 'source lost'
UNPROVEN = 'not seen again yet'


@dataclass(frozen=True)
class Cause:
    """Why an alarm is raised.

    Attributes:
        onset: ROS time [ns] when the condition began, 0 for now.
        priority: Priority if it is not the catalogue's.
        value: Value that raised it, NaN for none.
        limit: Limit that it passed, NaN for none.
        evidence: One sentence for the journal.
    """

    code: str
    bed: int
    admission_id: str = ''
    origin: int = 0
    onset: int = 0
    priority: Priority | None = None
    value: float = math.nan
    limit: float = math.nan
    unit: str = ''
    text_arguments: tuple[str, ...] = ()
    evidence: str = ''


@dataclass
class _Times:
    """Steady times [s] of one alarm."""

    raised: float
    end_due: float = math.inf
    cleared: float = math.inf


@dataclass
class Board:
    """All alarms that stand, are latched or were cleared a moment ago.

    Attributes:
        journal: Takes an entry for the journal.
        cleared_shown_s: How long a cleared alarm stays on the list [s].
        revision: Counts up with every change that a reader can see.
    """

    journal: Callable[[Entry], None]
    cleared_shown_s: float = 30.0
    revision: int = 0
    alarms: dict[str, Alarm] = field(default_factory=dict)
    audio: AudioPauses = field(default_factory=AudioPauses)
    _times: dict[str, _Times] = field(default_factory=dict)

    def standing(self, bed: int, code: str) -> Alarm | None:
        """Return the alarm of a condition that stands at a bed, None if it does not."""
        for alarm in self.alarms.values():
            if alarm.bed == bed and alarm.code == code and alarm.stands:
                return alarm
        return None

    def of_bed(self, bed: int) -> list[Alarm]:
        """Return all alarms of a bed that are not over."""
        return [a for a in self.alarms.values() if a.bed == bed and a.state is not State.CLEARED]

    def begin(self, cause: Cause, now: Moment) -> Alarm:
        """Raise an alarm, or return the one that stands for this condition already."""
        standing = self.standing(cause.bed, cause.code)
        if standing is not None:
            self._times[standing.id] = _Times(raised=now.steady)
            standing.unproven = False
            return standing
        self._supersede(cause, now)
        alarm = Alarm(
            id=str(uuid.uuid4()),
            code=cause.code,
            bed=cause.bed,
            admission_id=cause.admission_id,
            origin=cause.origin,
            priority=cause.priority or CODES[cause.code].priority,
            onset=cause.onset or now.stamp,
            announced=now.stamp,
            value=cause.value,
            limit=cause.limit,
            unit=cause.unit,
            text_arguments=list(cause.text_arguments),
        )
        self._add(alarm, now)
        self._write(now, 'alarm_on', alarm, evidence=cause.evidence)
        return alarm

    def end(
        self,
        bed: int,
        code: str,
        now: Moment,
        why: str = 'condition gone',
        at_once: bool = False,
    ) -> None:
        """End a condition: the alarm is latched or cleared, at once or when shown long enough."""
        alarm = self.standing(bed, code)
        if alarm is None:
            return
        times = self._times[alarm.id]
        earliest = times.raised + alarm.kind.shown_at_least_s
        if now.steady < earliest and alarm.state is State.ACTIVE and not at_once:
            times.end_due = earliest
            return
        self._end(alarm, now, why)

    def acknowledge(self, alarm_id: str, user: str, now: Moment) -> Alarm:
        """Note that a person has seen an alarm.

        Raises:
            RefusedError: `unknown_alarm`, `already_acknowledged` or `already_cleared`.
        """
        alarm = self.alarms.get(alarm_id)
        if alarm is None:
            raise RefusedError('unknown_alarm', 'This alarm is over and no longer shown.')
        if alarm.state is State.ACKNOWLEDGED:
            raise RefusedError(
                'already_acknowledged', f'{alarm.acknowledged_by} has acknowledged this alarm.'
            )
        if alarm.state is State.CLEARED:
            raise RefusedError('already_cleared', 'This alarm is over already.')
        alarm.happen(Happening.ACKNOWLEDGE)
        alarm.acknowledged_by = user
        alarm.acknowledged_at = now.stamp
        self._write(now, 'acknowledged', alarm, user=user)
        if not alarm.stands:
            self._cleared(alarm, now)
        elif self._times[alarm.id].end_due < math.inf:
            self._end(alarm, now, 'condition gone')
        self.revision += 1
        return alarm

    def pause_audio(self, bed: int, seconds: float, user: str, now: Moment) -> None:
        """Pause the sound of the alarms that a bed has now; 0 seconds end the pause.

        Nurse calls are never paused.

        Raises:
            RefusedError: `invalid_seconds`.
        """
        until = self.audio.pause(bed, seconds, user, now)
        for alarm in self.of_bed(bed):
            if alarm.kind.category is not Category.NURSE_CALL:
                alarm.audio_paused_until = until
        event = 'audio_paused' if until else 'audio_pause_ended'
        self.journal(Entry(now.stamp, event, bed, user=user, detail={'seconds': seconds}))
        self.revision += 1

    def raise_priority(self, alarm: Alarm, priority: Priority, now: Moment) -> None:
        """Make a standing alarm more urgent; nobody has heard or acknowledged it as such yet."""
        if priority <= alarm.priority:
            return
        if alarm.state is State.ACKNOWLEDGED:
            self._end(alarm, now, 'more urgent now')
            alarm = self.begin(
                Cause(
                    alarm.code, alarm.bed, alarm.admission_id, alarm.origin, alarm.onset, priority
                ),
                now,
            )
            return
        alarm.priority = priority
        alarm.audio_paused_until = 0
        self._write(now, 'priority_raised', alarm)
        self.revision += 1

    def mark(self, alarm: Alarm, suppressed_by: str) -> None:
        """Say what hides the source of an alarm, '' for nothing."""
        if alarm.suppressed_by != suppressed_by:
            alarm.suppressed_by = suppressed_by
            self.revision += 1

    def reword(self, alarm: Alarm, text_arguments: list[str]) -> None:
        """Change the arguments of an alarm's text."""
        if alarm.text_arguments != text_arguments:
            alarm.text_arguments = text_arguments
            self.revision += 1

    def doubt(self, bed: int, codes: Iterable[str]) -> None:
        """Mark conditions as not seen since their source restarted."""
        for code in codes:
            alarm = self.standing(bed, code)
            if alarm is not None:
                alarm.unproven = True

    def discharge(self, bed: int, now: Moment) -> None:
        """Forget the alarms, acknowledgements and audio pause of a bed: its patient has gone."""
        for alarm in [a for a in self.alarms.values() if a.bed == bed]:
            if alarm.state is not State.CLEARED:
                self._write(now, 'alarm_off', alarm, why='discharged')
            self._remove(alarm.id)
        self.audio.forget(bed)
        self.revision += 1

    def tick(self, now: Moment) -> None:
        """End what was shown long enough, and audio pauses whose time is over."""
        for alarm_id, times in list(self._times.items()):
            alarm = self.alarms[alarm_id]
            if times.end_due <= now.steady:
                times.end_due = math.inf
                self._end(alarm, now, 'condition gone')
            elif now.steady - times.cleared > self.cleared_shown_s:
                self._remove(alarm_id)
                self.revision += 1
        for bed, until in self.audio.tick(now).items():
            for alarm in self.of_bed(bed):
                alarm.audio_paused_until = until if alarm.audio_paused_until else 0
            self.revision += 1

    def listing(self) -> list[Alarm]:
        """Return all alarms, highest priority first, then oldest first."""
        return sorted(self.alarms.values(), key=lambda a: (-a.priority, a.onset, a.announced, a.id))

    def kept(self) -> list[dict[str, Any]]:
        """Return what is kept over a restart: all alarms that are not over."""
        return [a.kept() for a in self.alarms.values() if a.state is not State.CLEARED]

    def restore(self, kept: list[dict[str, Any]], admissions: dict[int, str], now: Moment) -> None:
        """Take the alarms as kept, of the beds and patients that are still there.

        Args:
            kept: Records as `kept` returned them.
            admissions: Present admission id by bed number, '' for the whole ward.
            now: Now.

        Raises:
            KeyError, TypeError, ValueError: A record is damaged.
        """
        for alarm in [Alarm.restored(record) for record in kept]:
            if admissions.get(alarm.bed) == alarm.admission_id:
                self._add(alarm, now)

    def _add(self, alarm: Alarm, now: Moment) -> None:
        self.alarms[alarm.id] = alarm
        self._times[alarm.id] = _Times(raised=now.steady)
        self.revision += 1

    def _remove(self, alarm_id: str) -> None:
        del self.alarms[alarm_id]
        del self._times[alarm_id]

    def _supersede(self, cause: Cause, now: Moment) -> None:
        """Make room for a new occurrence: one alarm a condition, the older one is told by it."""
        for alarm in [a for a in self.alarms.values() if a.bed == cause.bed]:
            if alarm.code != cause.code:
                continue
            if alarm.state is State.LATCHED:
                self._write(now, 'alarm_off', alarm, why='occurred again')
            self._remove(alarm.id)

    def _end(self, alarm: Alarm, now: Moment, why: str) -> None:
        if not alarm.happen(Happening.END):
            return
        alarm.unproven = False
        alarm.cleared = now.stamp
        self._write(now, 'alarm_off', alarm, why=why)
        if alarm.state is State.CLEARED:
            self._cleared(alarm, now)
        self.revision += 1

    def _cleared(self, alarm: Alarm, now: Moment) -> None:
        alarm.cleared = alarm.cleared or now.stamp
        alarm.suppressed_by = ''
        self._times[alarm.id].cleared = now.steady

    def _write(self, now: Moment, event: str, alarm: Alarm, user: str = '', **detail: Any) -> None:
        numbers = {'value': alarm.value, 'limit': alarm.limit}
        known = {name: number for name, number in numbers.items() if not math.isnan(number)}
        self.journal(
            Entry(
                now.stamp,
                event,
                alarm.bed,
                alarm.admission_id,
                alarm.code,
                alarm.id,
                user,
                {
                    'priority': alarm.priority.name,
                    'state': alarm.state.name,
                    **known,
                    **({'unit': alarm.unit} if known else {}),
                    **{name: text for name, text in detail.items() if text},
                },
            )
        )
