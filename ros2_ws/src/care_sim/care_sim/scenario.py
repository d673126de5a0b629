# SPDX-License-Identifier: Apache-2.0
"""Scenario files: what happens to which patient when.

A scenario is a YAML file::

    name: Bed 3 worsens
    description: One sentence for a person.
    patients:                       # initial states; optional, others keep their defaults
      3: {heart_rate: 88, spo2: 96}
    steps:                          # in order of time
      - {at: 15, bed: 3, over: 20, set: {heart_rate: 128, resp_rate: 22}}
      - {at: 90, bed: 3, set: {rhythm: asystole}}

`at` and `over` are seconds; numbers ramp to their new value within `over` seconds, choices switch
at once. The names are those in care_sim.state, and `pause`, the length in seconds of the next R-R
interval.
"""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from care_sim.state import CHOICES, PAUSE, QUANTITIES, Course, course_from, default_profile

_TOP_KEYS = ('name', 'description', 'patients', 'steps')
_STEP_KEYS = ('at', 'bed', 'over', 'set', 'note')
_LONGEST_S = 7 * 24 * 3600.0


class ScenarioError(ValueError):
    """A scenario cannot be played: `cause` says why and where, `cure` what to do about it."""

    def __init__(self, cause: str, cure: str) -> None:
        super().__init__(f'{cause}; {cure}')
        self.cause = cause
        self.cure = cure


@dataclass(frozen=True, slots=True)
class Step:
    """One change of one patient's state; see the module."""

    at: float
    bed: int
    over: float
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A checked scenario: initial states by bed, and steps in order of time."""

    name: str
    description: str
    patients: dict[int, dict[str, Any]]
    steps: tuple[Step, ...]

    @property
    def beds(self) -> set[int]:
        """Beds that the scenario names."""
        return set(self.patients) | {step.bed for step in self.steps}

    def course(self, bed: int) -> Course:
        """Return the course of the patient in `bed`."""
        course = course_from(default_profile(bed) | self.patients.get(bed, {}))
        for step in self.steps:
            if step.bed == bed:
                course.change(step.at, step.over, step.values)
        return course


STABLE = Scenario('stable', 'Every patient stays as at the start.', {}, ())


def shipped_folder() -> Path:
    """Return the folder of the scenarios that come with the package."""
    beside = Path(__file__).resolve().parents[1] / 'scenarios'
    if beside.is_dir():
        return beside
    from ament_index_python.packages import get_package_share_directory

    return Path(get_package_share_directory('care_sim')) / 'scenarios'


def load_scenario(name_or_path: str) -> Scenario:
    """Return the scenario in a file or the shipped one of that name, or raise ScenarioError.

    An empty text is the scenario in which nothing happens.
    """
    if not name_or_path.strip():
        return STABLE
    path = Path(name_or_path.strip()).expanduser()
    if not path.is_file() and path.parent == Path():
        path = shipped_folder() / f'{path.name.removesuffix(".yaml")}.yaml'
    if not path.is_file():
        shipped = ', '.join(sorted(file.stem for file in shipped_folder().glob('*.yaml')))
        raise ScenarioError(f'there is no scenario {name_or_path}',
                            f'give the path of a file or one of the names {shipped}')  # fmt: skip
    try:
        content = yaml.safe_load(path.read_text(encoding='utf-8'))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ScenarioError(f'{path} cannot be read as YAML: {error}',
                            'correct the file') from error  # fmt: skip
    return check_scenario(content, str(path))


def check_scenario(content: Any, file: str) -> Scenario:
    """Return the scenario that the content of a YAML file says, or raise ScenarioError."""
    _mapping(content, file, _TOP_KEYS)
    patients = {}
    for bed, values in _mapping(content.get('patients') or {}, f'{file}: patients').items():
        place = f'{file}: patient of bed {bed}'
        patients[_bed(bed, place)] = _values(values, place, pause=False)
    steps = content.get('steps') or []
    if not isinstance(steps, list):
        raise ScenarioError(f'{file}: steps is no list', 'begin each step with a dash')
    checked = tuple(_step(step, f'{file}: step {i}') for i, step in enumerate(steps, 1))
    for i in range(1, len(checked)):
        if checked[i].at < checked[i - 1].at:
            raise ScenarioError(f'{file}: step {i + 1} is at {checked[i].at:g} s, before step {i}',
                                'put the steps in order of time')  # fmt: skip
    name = str(content.get('name') or Path(file).stem)
    return Scenario(name, str(content.get('description') or ''), patients, checked)


def _step(step: Any, place: str) -> Step:
    _mapping(step, place, _STEP_KEYS)
    for key in ('at', 'bed', 'set'):
        if key not in step:
            raise ScenarioError(f'{place} has no "{key}"', f'add "{key}"')
    at = _number(step['at'], 0.0, _LONGEST_S, 's', f'{place}: at')
    over = _number(step.get('over', 0.0), 0.0, _LONGEST_S, 's', f'{place}: over')
    values = _values(step['set'], place, pause=True)
    if not values:
        raise ScenarioError(f'{place} sets nothing', 'name a value under "set"')
    return Step(at, _bed(step['bed'], place), over, values)


def _values(values: Any, place: str, *, pause: bool) -> dict[str, Any]:
    """Return the checked values of a state; `pause` is no state but may happen in a step."""
    quantities = QUANTITIES | ({'pause': PAUSE} if pause else {})
    _mapping(values, place, (*quantities, *CHOICES))
    checked: dict[str, Any] = {}
    for name, value in values.items():
        if name in quantities:
            known = quantities[name]
            checked[name] = _number(value, known.minimum, known.maximum, known.unit,
                                    f'{place}: {name}')  # fmt: skip
        elif value not in CHOICES[name].values:
            raise ScenarioError(f'{place}: {name} is {_yaml(value)}',
                                f'it is one of {", ".join(CHOICES[name].values)}'
                                + _off_hint(value))  # fmt: skip
        else:
            checked[name] = value
    return checked


def _mapping(value: Any, place: str, keys: tuple[str, ...] = ()) -> Mapping[Any, Any]:
    if not isinstance(value, dict):
        raise ScenarioError(f'{place} is no list of names and values', 'write "name: value" lines')
    for key in value:
        if keys and key not in keys:
            near = difflib.get_close_matches(str(key), keys, 1)
            hint = f'did you mean "{near[0]}"?' if near else f'known are {", ".join(keys)}'
            raise ScenarioError(f'{place} has the unknown name "{key}"', hint)
    return value


def _bed(value: Any, place: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 255:
        raise ScenarioError(f'{place} names the bed {_yaml(value)}',
                            'beds are whole numbers from 1 to 255')  # fmt: skip
    return value


def _number(value: Any, minimum: float, maximum: float, unit: str, place: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ScenarioError(f'{place} is {_yaml(value)}, which is no number', 'write a number')
    if not math.isfinite(value) or not minimum <= value <= maximum:
        raise ScenarioError(f'{place} is {value:g} {unit}',
                            f'it lies between {minimum:g} and {maximum:g} {unit}')  # fmt: skip
    return float(value)


def _yaml(value: Any) -> str:
    """Return a value as the file has it, for a message."""
    return json.dumps(value, default=str)


def _off_hint(value: Any) -> str:
    return '; YAML reads a bare off as false: write "off"' if value is False else ''
