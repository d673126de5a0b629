# SPDX-License-Identifier: Apache-2.0
"""What a measurement yields: figures with their goals, and the machine they were taken on."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True)
class Figure:
    """One measured value; `better` says on which side of the goal it is good."""

    name: str
    value: float
    unit: str
    goal: float
    better: Literal['lower', 'higher'] = 'lower'

    @property
    def met(self) -> bool:
        """Say whether the value reaches its goal."""
        if self.better == 'lower':
            return self.value <= self.goal
        return self.value >= self.goal

    def as_json(self) -> dict[str, Any]:
        """Return the figure as ./care bench --json writes it."""
        return {
            'name': self.name,
            'value': round(self.value, 4),
            'unit': self.unit,
            'goal': self.goal,
            'better': self.better,
            'met': self.met,
        }

    def __str__(self) -> str:
        sign = '<=' if self.better == 'lower' else '>='
        verdict = 'met' if self.met else 'MISSED'
        return f'{self.name:<44} {self.value:10.2f} {self.unit:<6} {sign} {self.goal:<8g} {verdict}'


def machine() -> dict[str, Any]:
    """Describe the machine: a figure means nothing without it."""
    names = [
        line.partition(':')[2].strip()
        for line in Path('/proc/cpuinfo').read_text().splitlines()
        if line.startswith('model name')
    ]
    memory = os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES')
    return {
        'cpu': names[0] if names else platform.machine(),
        'cores': len(os.sched_getaffinity(0)),
        'memory_gib': round(memory / 2**30, 1),
        'load_average': round(os.getloadavg()[0], 2),
        'kernel': platform.release(),
        'python': platform.python_version(),
    }


def report(figures: list[Figure], file: Path | None) -> None:
    """Print the figures, and write them to a JSON file where one is named."""
    described = machine()
    print(', '.join(f'{name} {value}' for name, value in described.items()))
    for figure in figures:
        print(figure)
    if file is not None:
        content = {'machine': described, 'figures': [figure.as_json() for figure in figures]}
        file.write_text(json.dumps(content, indent=1) + '\n')
