# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the light bar shows and the annunciator plays for each alarm priority.

Colours and rates follow the habits of IEC 60601-1-8 (red fast, yellow slow, cyan steady); the sound
is an annunciator, not an alarm sound of that standard.
"""

from __future__ import annotations

from dataclasses import dataclass

NONE, LOW, MEDIUM, HIGH = 0, 1, 2, 3

Colour = tuple[int, int, int]
DARK: Colour = (0, 0, 0)


@dataclass(frozen=True)
class Light:
    """A pattern of the light bar.

    Attributes:
        priority: Alarm priority that it stands for, 0 for none.
        colour: Red, green, blue, 0..255.
        flash_hz: Flashes a second [Hz], 0 for steady.
        duty: Share of a flash that is lit, 0..1.
        reason: Why it is shown, when it is no alarm.
    """

    priority: int
    colour: Colour
    flash_hz: float = 0.0
    duty: float = 1.0
    reason: str = ''

    def at(self, t: float) -> Colour:
        """Return the colour at a steady time [s]."""
        if self.flash_hz == 0.0 or t * self.flash_hz % 1.0 < self.duty:
            return self.colour
        return DARK

    def next_edge(self, t: float) -> float:
        """Return the time [s] from t to the next change of colour, infinity when steady."""
        if self.flash_hz == 0.0:
            return float('inf')
        phase = t * self.flash_hz % 1.0
        left = self.duty - phase if phase < self.duty else 1.0 - phase
        return left / self.flash_hz


OFF = Light(NONE, DARK)
LIGHTS = {
    NONE: Light(NONE, (20, 20, 20)),
    LOW: Light(LOW, (0, 160, 160)),
    MEDIUM: Light(MEDIUM, (255, 160, 0), 0.6, 0.5),
    HIGH: Light(HIGH, (255, 0, 0), 2.0, 0.5),
}
LINK_LOST = Light(LOW, (255, 160, 0), reason='alarm link lost')


@dataclass(frozen=True)
class Sound:
    """A burst of equal tones, repeated while it stands.

    Attributes:
        frequency: Of the tone [Hz].
        tone_ms: Length of a tone [ms].
        gap_s: From start to start of the tones of a burst [s].
        tones: Tones in a burst.
        every_s: From start to start of the bursts [s].
    """

    frequency: int
    tone_ms: int
    gap_s: float
    tones: int
    every_s: float


SOUNDS = {
    LOW: Sound(440, 200, 0.3, 1, 20.0),
    MEDIUM: Sound(660, 200, 0.3, 3, 7.5),
    HIGH: Sound(880, 150, 0.25, 5, 5.0),
}
