# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the rest of this package asks of a board, whatever library speaks to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from care_peripherals.wire import Answer, Heartbeat


class BoardError(Exception):
    """The board cannot be used; the text says why, in words for a person."""


class PortMissingError(BoardError):
    """There is no such serial port."""


class PortBusyError(BoardError):
    """Another process has the serial port."""


class PinMode(IntEnum):
    """Firmata pin modes that are used."""

    OUTPUT = 0x01
    PWM = 0x03
    PULLUP = 0x0B
    TONE = 0x0D


@dataclass(frozen=True)
class SetMode:
    """Set the mode of a pin."""

    pin: int
    mode: PinMode


@dataclass(frozen=True)
class SetLevel:
    """Set a digital output."""

    pin: int
    high: bool


@dataclass(frozen=True)
class SetPwm:
    """Set the duty of a PWM output, 0..255."""

    pin: int
    value: int


@dataclass(frozen=True)
class PlayTone:
    """Play a tone: frequency [Hz], duration [ms] up to 16383."""

    pin: int
    frequency: int
    duration_ms: int


@dataclass(frozen=True)
class KeepAlive:
    """Tell the board that the host lives; it goes into its safe state without, after `seconds`."""

    seconds: int = 1


@dataclass(frozen=True)
class AskFirmware:
    """Ask for the firmware's name; any answer is a `Life`."""


@dataclass(frozen=True)
class Private:
    """A private message: see care_peripherals.wire."""

    command: int
    data: bytes = b''


Command = SetMode | SetLevel | SetPwm | PlayTone | KeepAlive | AskFirmware | Private


@dataclass(frozen=True)
class Life:
    """The board answered something that has no content of interest."""


@dataclass(frozen=True)
class Text:
    """A text from the firmware."""

    text: str


Report = Heartbeat | Answer | Life | Text


@dataclass(frozen=True)
class Health:
    """State of the link.

    Attributes:
        fault: Why it cannot go on, '' when it can.
        bad_messages: Messages that could not be understood.
    """

    fault: str = ''
    bad_messages: int = 0


class Board(Protocol):
    """One board, connected once; after `close` a new object is made."""

    def subscribe(self, take: Callable[[Report], None]) -> None:
        """Name who takes reports, on any thread; before `connect`."""

    def connect(self) -> str:
        """Open the port and return the firmware's name without its version.

        Raises:
            BoardError: It cannot be used.
        """

    def cancel(self) -> None:
        """Let a `connect` that is under way on another thread fail soon."""

    def write(self, command: Command) -> None:
        """Send a command.

        Raises:
            BoardError: It cannot be sent in time.
        """

    def health(self) -> Health:
        """Return the state of the link, without asking the board."""

    def close(self) -> None:
        """Give the port back; safe at any time, never raises."""
