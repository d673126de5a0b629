# SPDX-License-Identifier: Apache-2.0
"""What can be said about a simulated patient, with units and ranges, and its course in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from care_sim.timeline import Ramp, Switch


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number that scenarios may set and ramp: its range and unit (UCUM)."""

    initial: float
    minimum: float
    maximum: float
    unit: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A state that scenarios may switch; the first of `values` is the initial one."""

    values: tuple[str, ...]


SINUS = 'sinus'
ATRIAL_FIBRILLATION = 'atrial_fibrillation'
VENTRICULAR_TACHYCARDIA = 'ventricular_tachycardia'
VENTRICULAR_FIBRILLATION = 'ventricular_fibrillation'
ASYSTOLE = 'asystole'

QUANTITIES = {
    'heart_rate': Quantity(72, 20, 300, '/min'),
    # Standard deviation of the R-R intervals against their mean.
    'heart_rate_variability': Quantity(3, 0, 20, '%'),
    'pvc_rate': Quantity(0, 0, 30, '/min'),
    'ecg_amplitude': Quantity(1, 0.1, 3, '1'),
    'resp_rate': Quantity(14, 0, 60, '/min'),
    'spo2': Quantity(97, 50, 100, '%'),
    # Strength of the pulse in the pleth: AC against DC of the infrared light.
    'perfusion_index': Quantity(2, 0.05, 20, '%'),
    'mains_noise': Quantity(0.005, 0, 2, 'mV'),
    'muscle_noise': Quantity(0.01, 0, 2, 'mV'),
    'baseline_wander': Quantity(0.05, 0, 5, 'mV'),
    # Against the strength of the pulse.
    'pleth_motion': Quantity(0, 0, 20, '1'),
}
CHOICES = {
    'rhythm': Choice((SINUS, ATRIAL_FIBRILLATION, VENTRICULAR_TACHYCARDIA,
                      VENTRICULAR_FIBRILLATION, ASYSTOLE)),
    # `flat` is a lead that lies still without being noticed as off.
    'ecg_lead': Choice(('attached', 'off', 'saturated', 'flat')),
    'pleth_probe': Choice(('attached', 'off')),
    # A device whose link is down goes on measuring, and its samples are lost.
    'link': Choice(('up', 'down')),
}  # fmt: skip
# Length of the one next R-R interval, [s].
PAUSE = Quantity(3.5, 1, 20, 's')


@dataclass(slots=True)
class Course:
    """The whole course of a patient, known from the start.

    ramps, switches: by the names in QUANTITIES and CHOICES
    pauses: begin and length of the R-R intervals that are made longer, [s]
    """

    ramps: dict[str, Ramp]
    switches: dict[str, Switch]
    pauses: list[tuple[float, float]] = field(default_factory=list)

    def change(self, at: float, over: float, values: Mapping[str, Any]) -> None:
        """Let the state go to `values` from `at` on: numbers within `over` seconds."""
        for name, value in values.items():
            if name == 'pause':
                self.pauses.append((at, float(value)))
            elif name in self.ramps:
                self.ramps[name].change(at, over, float(value))
            else:
                self.switches[name].change(at, value)


def course_from(values: Mapping[str, Any]) -> Course:
    """Return a course that begins with `values`, the rest as in QUANTITIES and CHOICES."""
    ramps = {name: Ramp(values.get(name, quantity.initial))
             for name, quantity in QUANTITIES.items()}  # fmt: skip
    switches = {name: Switch(values.get(name, choice.values[0]))
                for name, choice in CHOICES.items()}  # fmt: skip
    return Course(ramps, switches)


# Four stable patients who differ.
PROFILES: tuple[dict[str, Any], ...] = (
    {'heart_rate': 72, 'resp_rate': 14, 'spo2': 97, 'perfusion_index': 2.0},
    {'heart_rate': 58, 'resp_rate': 12, 'spo2': 98, 'perfusion_index': 3.0,
     'heart_rate_variability': 5, 'ecg_amplitude': 1.3},
    {'heart_rate': 84, 'resp_rate': 16, 'spo2': 96, 'perfusion_index': 1.4},
    {'heart_rate': 96, 'resp_rate': 20, 'spo2': 94, 'perfusion_index': 0.8,
     'heart_rate_variability': 2, 'pvc_rate': 3, 'ecg_amplitude': 0.8},
)  # fmt: skip


def default_profile(bed: int) -> dict[str, Any]:
    """Return the initial state of the patient that lies in a bed without a scenario."""
    return dict(PROFILES[(bed - 1) % len(PROFILES)])
