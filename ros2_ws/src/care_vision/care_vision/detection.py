# SPDX-License-Identifier: Apache-2.0
"""What a detector finds in a picture, and what every detector can do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Floats = NDArray[np.float32]

#: Corners of a rectangle: x_min, y_min, x_max, y_max [px].
Box = tuple[float, float, float, float]

#: Name of the class that privacy hangs on.
PERSON = 'person'


class ModelError(ValueError):
    """A model cannot be used: `cause` says why, `cure` says what to do about it."""

    def __init__(self, cause: str, cure: str) -> None:
        super().__init__(f'{cause} {cure}')
        self.cause = cause
        self.cure = cure


@dataclass(frozen=True)
class Detection:
    """One object in a picture.

    Attributes:
        name: Name of its class.
        score: 0..1.
        box: x_min, y_min, x_max, y_max [px] of the original picture, inside of it.
        keypoints: K x 3: x, y [px] of the original picture, and confidence 0..1; K is 0 without.
    """

    name: str
    score: float
    box: Box
    keypoints: Floats = field(default_factory=lambda: np.zeros((0, 3), np.float32))

    @property
    def is_person(self) -> bool:
        """Tell whether it is a person."""
        return self.name == PERSON


class Detector(Protocol):
    """Finds objects in pictures.

    Attributes:
        names: Names of the classes it knows.
    """

    @property
    def names(self) -> Sequence[str]:
        """Names of the classes it knows."""

    def detect(self, picture: Picture) -> list[Detection]:
        """Return what is in a picture (height x width x 3, BGR), highest score first."""


def as_box(values: Iterable[float]) -> Box:
    """Return four numbers as a box."""
    x_min, y_min, x_max, y_max = map(float, values)
    return (x_min, y_min, x_max, y_max)
