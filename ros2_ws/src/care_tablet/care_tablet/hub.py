# SPDX-License-Identifier: Apache-2.0
"""What all pages get: the present state, the last seconds of waveforms, and what comes next."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from care_tablet import frames
from care_tablet.outbox import Outbox
from care_tablet.ring import FrameRing
from care_tablet.schema import PROTOCOL

AUDIO_NOTE = (
    'A browser page is not a primary alarm system: its sound depends on this tablet. '
    'Research and education, not a medical device.'
)


def to_json(frame: Mapping[str, Any]) -> str:
    """Return a text frame. NaN becomes null: a blank number is never sent as a number."""
    return orjson.dumps(frame).decode()


class Hub:
    """Spreads frames to the clients; everything here runs in the web server's loop.

    Attributes:
        boot: Changes with every start: sequence numbers of another boot mean nothing.
        clients: Outboxes of the pages that said hello.
    """

    def __init__(
        self,
        boot: str,
        beds: Mapping[int, str],
        ring_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.boot = boot
        self.clients: set[Outbox] = set()
        self._beds = dict(beds)
        self._rings = {bed: FrameRing(ring_s, clock=clock) for bed in beds}
        self._bed_texts: dict[int, str] = {}
        self._vitals_texts: dict[int, str] = {}
        self._alarms_text = ''

    def waveform(self, frame: bytes) -> None:
        """Keep and spread one waveform frame."""
        ring = self._rings[frames.bed_of(frame)]
        if frames.sequence_of(frame) != ring.next_sequence:
            frame = frames.with_flags(frame, frames.GAP)
        ring.append(frame)
        for client in self.clients:
            client.wave(frame)

    def bed(self, bed: int, text: str) -> None:
        """Keep and spread the state of a bed."""
        self._bed_texts[bed] = text
        self._spread(f'bed {bed}', text)

    def vitals(self, bed: int, text: str) -> None:
        """Keep and spread the vital signs of a bed."""
        self._vitals_texts[bed] = text
        self._spread(f'vitals {bed}', text)

    def beat(self, bed: int, text: str) -> None:
        """Spread one heart beat."""
        self._spread(f'beat {bed}', text)

    def status(self, text: str) -> None:
        """Spread the status of this second."""
        self._spread('status', text)

    def alarms(self, text: str) -> None:
        """Keep and spread an alarm list."""
        self._alarms_text = text
        for client in list(self.clients):
            client.urgent(text)

    def hello(self, **fields: Any) -> str:
        """Return the hello frame; `fields` are those that the hub does not know."""
        return to_json(
            {
                'type': 'hello',
                'protocol': PROTOCOL,
                'boot': self.boot,
                'beds': [{'bed': bed, 'name': name} for bed, name in self._beds.items()],
                'channels': frames.CHANNELS,
                'streams': {str(bed): ring.next_sequence for bed, ring in self._rings.items()},
                'audio_note': AUDIO_NOTE,
                **fields,
            }
        )

    def join(
        self, client: Outbox, boot: str | None, last: Mapping[str, int], **fields: Any
    ) -> None:
        """Greet a client with snapshot and replay, then let it have what comes.

        Not a coroutine on purpose: with no await between the replay list and the registration no
        frame is lost and none comes twice.

        Args:
            client: Its outbox.
            boot: The boot that the client's numbers are of.
            last: Number of the last frame that the client has, per bed.
            fields: More fields of the hello frame.
        """
        replay: list[bytes] = []
        gaps: set[int] = set()
        for bed, ring in self._rings.items():
            number = last.get(str(bed), -1) if boot == self.boot else -1
            lost, missed = (True, []) if number < 0 else ring.since(number)
            missed = [frames.with_flags(frame, frames.REPLAYED) for frame in missed]
            if lost and missed:
                missed[0] = frames.with_flags(missed[0], frames.GAP)
            elif lost:
                gaps.add(bed)
            replay += missed
        texts = [self.hello(**fields), *self._bed_texts.values(), *self._vitals_texts.values()]
        if self._alarms_text:
            texts.append(self._alarms_text)
        client.greet(texts, replay, gaps)
        self.clients.add(client)

    def leave(self, client: Outbox) -> None:
        """Send nothing more to a client."""
        self.clients.discard(client)

    def _spread(self, key: str, text: str) -> None:
        for client in self.clients:
            client.latest(key, text)
