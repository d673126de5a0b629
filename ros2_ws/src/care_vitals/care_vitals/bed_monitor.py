# SPDX-License-Identifier: Apache-2.0
"""The monitor of one bed: waveform chunks in, beats, events and vital signs out.

Knows neither ROS nor the wall clock. Its time is stream time: index of a sample divided by the
rate. What it says depends on the samples alone, not on how they are cut into chunks.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence

from care_vitals.channels import ChannelChunk
from care_vitals.ecg_lead import EcgLead, LeadBeat, Presence, Timed
from care_vitals.lead_choice import LeadChoice, LeadState
from care_vitals.pleth import PlethChannel, TimedPulse
from care_vitals.pulse import PulseBeat, PulseQuality
from care_vitals.quality import Quality
from care_vitals.reports import BeatReport, EventReport, Reason, Report, VitalsReport
from care_vitals.signal_watch import SignalWatch
from care_vitals.signs import heart_rate, pulse_rate
from care_vitals.silence import SAME_BEAT_S, SilenceWatch

#: Sampling rates that the detectors are made for, [Hz]; other channels are not looked at.
LOWEST_ECG_RATE_HZ = 100.0
LOWEST_PLETH_RATE_HZ = 25.0
HIGHEST_RATE_HZ = 1000.0
#: More leads than these are not looked at, so that twelve leads cost no more than two.
MOST_LEADS = 2
#: A channel that stopped coming while others come is off after this time.
_LOST_S = 1.0
#: A pulse speaks against asystole when its rate is within this fraction of the rate before.
_RATE_AGREES = 0.20
#: So many beats of other trusted leads, with none on the active lead, speak against asystole: one
#: may be an artefact.
_BEATS_ELSEWHERE = 2
#: Sources of one time are handled in this order: what is known first, judgement after it.
_EARLY, _LATE = 0, 1


class BedMonitor:
    """Turns the waveforms of one bed into beats, events and vital signs."""

    def __init__(self, lead_order: Sequence[str] = ('ecg_ii',), all_ecg: bool = False) -> None:
        """Prepare.

        Args:
            lead_order: Leads in order of preference; others follow as they come.
            all_ecg: Take every channel but pleth and respiration for an ECG lead.
        """
        self._order = tuple(lead_order)
        self._all_ecg = all_ecg
        self.reset()

    def reset(self) -> None:
        """Forget everything, as for a new patient."""
        self._silence = SilenceWatch(self._pulse_agrees)
        self._signal = SignalWatch()
        self.begin()

    def begin(self) -> None:
        """Start the time anew; what is on stays on until something shows that it ended."""
        self._silence.stop_clock()
        self._signal.stop_clock()
        self._leads: dict[str, EcgLead] = {}
        self._pleth: PlethChannel | None = None
        self._queue: list[tuple[float, int, int, str, Timed | TimedPulse]] = []
        self._count = 0
        self._second: int | None = None
        self._choice = LeadChoice()
        self._pulses = PulseQuality()
        self._pleth_there = False
        self._pulse_stopped = False
        self._rate_before = math.nan
        self._last_beat = -math.inf
        self._elsewhere = 0
        self.now = -math.inf

    def push(self, chunks: Sequence[ChannelChunk]) -> list[Report]:
        """Take the next chunk of every channel of the device, all covering the same time.

        Returns what became known with them, in order of stream time.
        """
        known = [c for c in chunks if len(c.samples) and self._accepts(c)]
        if not known:
            return []
        if any(self._restarted(c) for c in known):
            self.begin()
        for chunk in known:
            self._take(chunk)
        horizon = min(c.end / c.rate_hz for c in known)
        return self._run(horizon)

    def vitals(self) -> VitalsReport:
        """Return the vital signs at the stream time reached."""
        lead = self._choice.active
        heart = heart_rate(lead, self._silence, self._choice.any_there, self.now)
        pleth = self._pleth.name if self._pleth else ''
        pulse = pulse_rate(self._pulses, pleth, self._pleth_there, self.now)
        if self._pulse_stopped and pulse.reason is Reason.OK:
            pulse = pulse.blank(Reason.NO_BEATS)
        return VitalsReport(self.now, (heart, pulse))

    # Channels

    def _is_ecg(self, name: str) -> bool:
        return name.startswith('ecg') or (self._all_ecg and not name.startswith(('pleth', 'resp')))

    def _accepts(self, chunk: ChannelChunk) -> bool:
        """Tell whether the channel is one that is looked at, at a rate that can be used."""
        if self._is_ecg(chunk.name):
            return LOWEST_ECG_RATE_HZ <= chunk.rate_hz <= HIGHEST_RATE_HZ
        return (
            chunk.name in ('pleth_ir', 'pleth_red')
            and LOWEST_PLETH_RATE_HZ <= chunk.rate_hz <= HIGHEST_RATE_HZ
        )

    def _source(self, chunk: ChannelChunk) -> EcgLead | PlethChannel | None:
        if self._is_ecg(chunk.name):
            return self._leads.get(chunk.name)
        return self._pleth if self._pleth and self._pleth.name == chunk.name else None

    def _restarted(self, chunk: ChannelChunk) -> bool:
        source = self._source(chunk)
        if source is None:
            return False
        return source.rate_hz != chunk.rate_hz or source.splitter.restarted(chunk)

    def _take(self, chunk: ChannelChunk) -> None:
        source = self._source(chunk) or self._meet(chunk)
        if source is None:
            return
        if self._second is None:
            self._second = math.floor(chunk.first_index / chunk.rate_hz) + 1
        for item in source.push(chunk):
            order = _LATE if isinstance(item.what, Quality) else _EARLY
            self._count += 1
            heapq.heappush(self._queue, (item.known, order, self._count, chunk.name, item))

    def _meet(self, chunk: ChannelChunk) -> EcgLead | PlethChannel | None:
        if self._is_ecg(chunk.name):
            if len(self._leads) >= MOST_LEADS and chunk.name not in self._order:
                return None
            self._leads[chunk.name] = EcgLead(chunk.name, chunk.rate_hz)
            self._choice.add(chunk.name, self._rank(chunk.name))
            return self._leads[chunk.name]
        if self._pleth is None:
            self._pleth = PlethChannel(chunk.name, chunk.rate_hz)
            return self._pleth
        return None

    def _rank(self, name: str) -> int:
        return self._order.index(name) if name in self._order else len(self._order)

    # Time

    def _run(self, horizon: float) -> list[Report]:
        """Let everything happen that happens before `horizon`, in order of time."""
        reports: list[Report] = []
        while True:
            item = self._queue[0][0] if self._queue else math.inf
            deadline = self._silence.next_deadline()
            second = math.inf if self._second is None else float(self._second)
            t = min(item, deadline, second)
            if t >= horizon:
                return reports
            self.now = max(self.now, t)
            if item == t:
                reports += self._handle(heapq.heappop(self._queue))
            elif deadline == t:
                reports += self._silence.expire(t)
            else:
                reports += self._tick(t)

    def _handle(self, entry: tuple[float, int, int, str, Timed | TimedPulse]) -> list[Report]:
        known, _, _, name, item = entry
        if isinstance(item, TimedPulse):
            self._handle_pulse(item)
            return []
        what = item.what
        if isinstance(what, Presence):
            return list(self._handle_presence(self._choice.leads[name], what, known))
        if isinstance(what, LeadBeat):
            return self._handle_beat(self._choice.leads[name], what, known)
        self._choice.leads[name].judge(what)
        return []

    def _handle_pulse(self, item: TimedPulse) -> None:
        if isinstance(item.what, PulseBeat):
            self._pulses.add(item.t, item.what)
        else:
            self._pleth_there = item.what.there
            if not item.what.there:
                self._pulses.reset()

    def _handle_presence(self, lead: LeadState, presence: Presence, t: float) -> list[EventReport]:
        lead.presence(presence.there, t)
        if presence.seam:
            return self._silence.restart(t)
        if self._choice.any_there:
            self._choice.choose()
            waiting = self._silence.waiting_for_leads
            return self._silence.leads_on(t, presence.anew) if waiting else []
        self._silence.leads_off(t)
        return []

    def _handle_beat(self, lead: LeadState, beat: LeadBeat, known: float) -> list[Report]:
        reports: list[Report] = []
        interval = lead.beat(beat.t)
        active = lead is self._choice.active
        if active and beat.t > self._last_beat:
            self._last_beat = beat.t
            reports.append(BeatReport(beat.t, known, lead.name, beat.sample, interval, beat.late))
        if active:
            self._elsewhere = 0
        elif lead.trusted and beat.t > self._last_beat + SAME_BEAT_S:
            self._elsewhere += 1
        if active or self._elsewhere >= _BEATS_ELSEWHERE:
            reports += self._silence.qrs(beat.t, known)
        return reports

    def _tick(self, t: float) -> list[Report]:
        """Do what is done once a second; vital signs last, so that they know all of it."""
        self._second = round(t) + 1
        for name, lead in self._leads.items():
            if lead.end_s < t - _LOST_S and self._choice.leads[name].there:
                self._choice.leads[name].presence(False, t)
                if not self._choice.any_there:
                    self._silence.leads_off(t)
        self._choice.choose()
        # Without pulses the pulse detector grows ever more sensitive, until it finds some in noise:
        # a pulse that stopped in an asystole stays blank until the heart is seen to beat again.
        self._pulse_stopped = self._silence.asystole and (
            self._pulse_stopped or not self._pulses.good(t)
        )
        reports: list[Report] = [*self._silence.second(t)]
        reports += self._signal.second(t, self._choice)
        vitals = self.vitals()
        self._remember_rate(vitals, t)
        return [*reports, vitals]

    # Asystole and pulse

    def _remember_rate(self, vitals: VitalsReport, t: float) -> None:
        """Keep the last trusted rate, to compare the pulse with when the ECG is lost."""
        shown = [sign.value for sign in vitals.signs if not math.isnan(sign.value)]
        lead = self._choice.active
        if shown and lead is not None and lead.silence(t) < 2.0:
            self._rate_before = shown[0]

    def _pulse_agrees(self, t: float) -> bool:
        if not self._pulses.good(t):
            return False
        difference = abs(self._pulses.rate(t) - self._rate_before)
        return difference <= _RATE_AGREES * self._rate_before
