# SPDX-License-Identifier: Apache-2.0
"""Publishes the waveforms of one device at one bed, stamped with the admission that lies there."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np
from builtin_interfaces.msg import Time
from care_msgs.msg import Origin, Patient, Waveform, WaveformChannel
from care_node import graph
from care_node.node import CareNode
from numpy.typing import NDArray

_NS_PER_S = 1_000_000_000


def time_from_ns(stamp_ns: int) -> Time:
    """Return the message for a time in nanoseconds."""
    return Time(sec=stamp_ns // _NS_PER_S, nanosec=stamp_ns % _NS_PER_S)


class WaveformOutput:
    """Sends chunks of one device. The message is made once and filled anew for each chunk.

    bed: bed number
    device: name of the front end, recording or simulator
    origin: value of care_msgs/Origin
    channels: name, UCUM unit and rate in Hz of each channel
    """

    def __init__(
        self,
        node: CareNode,
        bed: int,
        device: str,
        origin: int,
        channels: Sequence[tuple[str, str, float]],
    ) -> None:
        self.bed = bed
        self._node = node
        self._publisher = node.advertise(graph.WAVEFORM, bed=bed)
        self._patient: Any = None
        self._message = Waveform(
            bed=bed,
            device=device,
            origin=Origin(value=origin),
            channels=[
                WaveformChannel(name=name, unit=unit, rate_hz=float(rate_hz))
                for name, unit, rate_hz in channels
            ],
        )

    @property
    def admission_id(self) -> str:
        """Admission that lies in the bed, empty when none does or none is known."""
        return str(self._message.admission_id)

    def start(self) -> None:
        """Listen to who lies in the bed.

        To be called on activation: what a latched topic sends to an inactive node is lost.
        """
        self._patient = self._node.listen(graph.PATIENT, self._on_patient, bed=self.bed)

    def stop(self) -> None:
        """Forget who lies in the bed."""
        if self._patient is not None:
            self._node.release(self._patient)
            self._patient = None
        self._message.admission_id = ''

    def send(
        self,
        stamp_ns: int,
        first_indices: Sequence[int],
        samples: Sequence[NDArray[np.floating[Any]]],
        flags: Sequence[int],
    ) -> None:
        """Publish one chunk; the sequences have one item a channel.

        stamp_ns: stamp of the first sample, [ns]
        """
        self._message.header.stamp = time_from_ns(stamp_ns)
        for channel, first_index, values, bits in zip(
            self._message.channels, first_indices, samples, flags, strict=True
        ):
            channel.first_index = first_index
            channel.samples = array('f', values.astype(np.float32).tobytes())
            channel.flags = bits
        self._publisher.publish(self._message)

    def _on_patient(self, patient: Patient) -> None:
        self._message.admission_id = '' if patient.state == Patient.EMPTY else patient.admission_id
