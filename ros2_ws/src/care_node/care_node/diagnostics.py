# SPDX-License-Identifier: Apache-2.0
"""What a node says about itself on /diagnostics (REP-107)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue


@dataclass
class _Line:
    level: bytes
    text: str
    values: Mapping[str, str]


class Diagnostics:
    """Keeps one line a subcomponent and counts failures of callbacks."""

    def __init__(self, node: str, hardware_id: str) -> None:
        self._node = node
        self._hardware_id = hardware_id
        self._lines: dict[str, _Line] = {}
        self._failures: dict[str, int] = {}

    def set(self, name: str, level: bytes, text: str, values: Mapping[str, str]) -> None:
        """Set the line of a subcomponent."""
        self._lines[name] = _Line(level, text, values)

    def count_failure(self, callback: str, error: str) -> int:
        """Count a failed callback; return how often it has failed."""
        count = self._failures.get(callback, 0) + 1
        self._failures[callback] = count
        self.set(f'callback {callback}', DiagnosticStatus.ERROR, error, {'failures': str(count)})
        return count

    def message(self) -> DiagnosticArray:
        """Return all lines; the stamp is left to the caller."""
        return DiagnosticArray(
            status=[
                DiagnosticStatus(
                    level=line.level,
                    name=f'{self._node}: {name}',
                    message=line.text,
                    hardware_id=self._hardware_id,
                    values=[KeyValue(key=k, value=v) for k, v in line.values.items()],
                )
                for name, line in self._lines.items()
            ]
        )
