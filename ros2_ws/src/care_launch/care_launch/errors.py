# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a launch file, where, and what cures it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A line of a launch file."""

    file: str
    line: int

    def __str__(self) -> str:
        return f'{self.file}:{self.line}'


class LaunchError(Exception):
    """A launch file cannot be understood or carried out.

    Attributes:
        cause: What is wrong, in one sentence.
        cure: What to do about it, in one sentence.
        place: Where; None when it concerns the command line.
    """

    def __init__(self, cause: str, cure: str, place: Place | None = None) -> None:
        where = '' if place is None else f'{place}: '
        super().__init__(f'{where}{cause} {cure}')
        self.cause = cause
        self.cure = cure
        self.place = place
