# SPDX-License-Identifier: Apache-2.0
"""Plays recordings as the waveforms of beds, in real time or faster.

Recordings that cannot be used are named as the node's fault, with cause and cure, and the others
play; only when none can, the node refuses to be configured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from care_msgs.msg import Origin, WaveformChannel
from care_node.errors import ConfigurationError
from care_node.node import CareNode, run
from care_node.parameters import Parameter
from diagnostic_msgs.msg import DiagnosticStatus

from care_sensors.playback import Playback, PlaybackChunk
from care_sensors.record_spec import RecordSpec, parse_record_spec
from care_sensors.recording import RecordError, Recording
from care_sensors.schedule import Schedule
from care_sensors.waveform_output import WaveformOutput

PARAMETERS = (
    Parameter('records', [''], 'What plays: BED=PATH[?rate=360&unit=mV&lead=MLII&start=60]'),
    Parameter('speed', 1.0, 'Playback speed, 1 is real time', unit='1', minimum=0.1, maximum=100.0),
    Parameter('loop', True, 'Start again at the end of a recording'),
    Parameter(
        'chunk_s', 0.04, 'Length of one waveform message', unit='s', minimum=0.01, maximum=1.0
    ),
)
# Waking up more often than this costs more than it gives.
_SHORTEST_TICK_S = 0.02


@dataclass(slots=True)
class _Player:
    """A recording that plays at a bed; `fault` says why it does not any more."""

    spec: RecordSpec
    playback: Playback
    output: WaveformOutput
    fault: str = ''


class RecordingNode(CareNode):
    """Publishes `bed_<n>/waveform` with origin RECORDED."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__('recording', PARAMETERS, **kwargs)
        self._players: list[_Player] = []
        self._refused: list[str] = []

    def configure(self) -> None:
        """Open the recordings; see the module for what happens to those that cannot be used."""
        self._players, self._refused = [], []
        texts = [text for text in self.value('records') if text.strip()]
        for text in texts:
            try:
                self._players.append(self._player(parse_record_spec(text)))
            except RecordError as error:
                self.get_logger().error(f'recording {text}: {error}')
                self._refused.append(str(error))
                cause, cure = error.cause, error.cure
        if texts and not self._players:
            raise ConfigurationError(cause=_sentence(cause), cure=_sentence(cure))
        self._schedule = Schedule(
            self.value('chunk_s'),
            self.value('speed'),
            wall_ns=lambda: self.get_clock().now().nanoseconds,
        )
        period = self._schedule.chunk_s / self._schedule.speed
        self.every(max(period, _SHORTEST_TICK_S), self._tick)
        self._show_faults()

    def activate(self) -> None:
        """Play all recordings, each from where it is to start."""
        for player in self._players:
            player.playback = self._playback(player.playback.recording, player.spec)
            player.fault = ''
            player.output.start()
        self._show_faults()
        self._schedule.start()

    def deactivate(self) -> None:
        """Stop playing."""
        for player in self._players:
            player.output.stop()

    def cleanup(self) -> None:
        """Close the recordings."""
        self._players = []

    def _player(self, spec: RecordSpec) -> _Player:
        beds = self.value('beds')
        if spec.bed not in beds:
            raise RecordError(
                f'bed {spec.bed} of {spec.path} is no bed of the ward',
                f'choose one of the beds {", ".join(map(str, beds))}',
            )
        if any(player.spec.bed == spec.bed for player in self._players):
            raise RecordError(
                f'{spec.path} is the second recording for bed {spec.bed}',
                'give each bed one recording',
            )
        recording = spec.open()
        output = WaveformOutput(
            self,
            spec.bed,
            f'recording {recording.name}',
            Origin.RECORDED,
            [(channel.name, channel.unit, recording.rate_hz) for channel in recording.channels],
        )
        self.get_logger().info(
            f'bed {spec.bed}: {recording.name}, {recording.duration_s:.1f} s at '
            f'{recording.rate_hz:g} Hz, {", ".join(c.name for c in recording.channels)}'
        )
        return _Player(spec, self._playback(recording, spec), output)

    def _playback(self, recording: Recording, spec: RecordSpec) -> Playback:
        return Playback(
            recording,
            chunk_s=self.value('chunk_s'),
            loop=self.value('loop'),
            start_s=spec.start_s,
        )

    def _tick(self) -> None:
        for slot in self._schedule.due():
            for player in self._players:
                if not player.fault:
                    self._play(player, slot.number, slot.gap)

    def _play(self, player: _Player, number: int, gap: bool) -> None:
        try:
            chunks = player.playback.read(number)
        except RecordError as error:
            self._end(player, str(error))
            return
        for chunk in chunks:
            self._send(player, chunk, gap)
            gap = False
        if player.playback.ended:
            self._end(
                player,
                f'the recording {player.playback.recording.name} of bed '
                f'{player.spec.bed} has ended',
            )

    def _send(self, player: _Player, chunk: PlaybackChunk, gap: bool) -> None:
        count = len(chunk.samples)
        flags = (WaveformChannel.GAP if gap else 0) | (WaveformChannel.SEAM if chunk.seam else 0)
        stream_s = chunk.first_index / player.playback.recording.rate_hz
        player.output.send(
            self._schedule.stamp_ns(stream_s),
            [chunk.first_index] * count,
            list(chunk.samples),
            [flags] * count,
        )

    def _end(self, player: _Player, fault: str) -> None:
        player.fault = fault
        self.get_logger().error(fault)
        self._show_faults()

    def _show_faults(self) -> None:
        faults = self._refused + [player.fault for player in self._players if player.fault]
        self.fault = '; '.join(faults)
        for player in self._players:
            level = DiagnosticStatus.ERROR if player.fault else DiagnosticStatus.OK
            self.diagnose(
                f'bed {player.spec.bed}',
                level,
                player.fault or 'plays',
                recording=player.playback.recording.name,
            )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + '.'


def main() -> None:
    """Run the node."""
    run(RecordingNode)
