# SPDX-License-Identifier: Apache-2.0
"""Declared parameters: type, unit, range and description of each, checked before a node runs."""

from __future__ import annotations

import difflib
import fnmatch
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.parameter import Parameter as RosParameter

from care_node.errors import ConfigurationError

#: Set by ROS itself, never declared by us.
ROS_OWN = ('use_sim_time', 'start_type_description_service', 'qos_overrides')

_TYPE_WORDS = {
    bool: 'true or false',
    int: 'a whole number',
    float: 'a number',
    str: 'a text',
    list: 'a list',
}


@dataclass(frozen=True)
class Parameter:
    """One declared parameter.

    Attributes:
        name: Name, snake_case.
        default: Default; its type is the parameter's type. Lists need one element at least, for an
            empty one has no type in ROS.
        description: One line for a person.
        unit: UCUM unit, '' for none.
        minimum: Smallest allowed number, or None.
        maximum: Largest allowed number, or None.
        choices: Allowed texts, or empty.
        live: May be set while the node runs.
    """

    name: str
    default: Any
    description: str
    unit: str = ''
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    live: bool = False

    def descriptor(self) -> ParameterDescriptor:
        """Return what ROS tools show of this parameter."""
        text = f'{self.description} [{self.unit}]' if self.unit else self.description
        descriptor = ParameterDescriptor(
            name=self.name,
            description=text,
            read_only=not self.live,
            additional_constraints=', '.join(self.choices),
        )
        if self.minimum is None and self.maximum is None:
            return descriptor
        low = -math.inf if self.minimum is None else self.minimum
        high = math.inf if self.maximum is None else self.maximum
        if isinstance(self.default, float):
            descriptor.floating_point_range = [FloatingPointRange(from_value=low, to_value=high)]
        elif isinstance(self.default, int):
            descriptor.integer_range = [
                IntegerRange(
                    from_value=-(2**63) if self.minimum is None else int(low),
                    to_value=2**63 - 1 if self.maximum is None else int(high),
                )
            ]
        return descriptor

    def checked(self, value: Any) -> Any:
        """Return the value with this parameter's type.

        Raises:
            ConfigurationError: Wrong type, out of range, not finite or not a choice.
        """
        value = self._typed(value)
        for number in value if isinstance(value, list) else [value]:
            self._check_one(number)
        return value

    def _typed(self, value: Any) -> Any:
        if isinstance(self.default, list):
            if not isinstance(value, list | tuple):
                raise self._refusal(value, f'it must be {_TYPE_WORDS[list]}')
            return [self._typed_one(item, self.default[0]) for item in value]
        return self._typed_one(value, self.default)

    def _typed_one(self, value: Any, example: Any) -> Any:
        if isinstance(example, float) and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if type(value) is not type(example):
            raise self._refusal(value, f'it must be {_TYPE_WORDS[type(example)]}')
        return value

    def _check_one(self, value: Any) -> None:
        if isinstance(value, float) and not math.isfinite(value):
            raise self._refusal(value, 'it must be finite')
        if isinstance(value, int | float):
            if self.minimum is not None and value < self.minimum:
                raise self._refusal(value, f'it must be at least {self.minimum:g}')
            if self.maximum is not None and value > self.maximum:
                raise self._refusal(value, f'it must be at most {self.maximum:g}')
        if self.choices and value not in self.choices:
            raise self._refusal(value, f'it must be one of {", ".join(self.choices)}')

    def _refusal(self, value: Any, rule: str) -> ConfigurationError:
        unit = f' {self.unit}' if self.unit else ''
        return ConfigurationError(
            cause=f'Parameter "{self.name}" is {value!r}{unit}, but {rule}.',
            cure=f'Set it in the params file or on the launch line. It means: {self.description}.',
        )


#: What several nodes share; values in params/ward.yaml under /**.
WARD_PARAMETERS = (
    Parameter('ward', 'ward', 'Name of the ward, the namespace of its topics'),
    Parameter('robot', 'robot_1', 'Name of the robot, the namespace of its topics'),
    Parameter('beds', [1, 2, 3, 4], 'Bed numbers of the ward', minimum=1, maximum=255),
    Parameter('bed_names', ['Bed 1', 'Bed 2', 'Bed 3', 'Bed 4'], 'Names shown for the beds'),
    Parameter(
        'bed_poses',
        [2.0, 1.2, 1.571, 5.0, 1.2, 1.571, 5.0, -1.2, -1.571, 2.0, -1.2, -1.571],
        'Where the robot stands at each bed, in the map frame: x [m], y [m], yaw [rad] of each',
    ),
    Parameter(
        'waypoints',
        ['home 0.0 0.0', 'corridor_1 2.0 0.0', 'corridor_2 5.0 0.0'],
        'Way-points of the robot: "name x y" each, [m] in the map frame',
    ),
    Parameter(
        'ways',
        ['home corridor_1', 'corridor_1 corridor_2'],
        'Ways between way-points: "name name" each, both ways',
    ),
    Parameter('home', [0.0, 0.0, 0.0], 'Where the robot waits: x [m], y [m], yaw [rad] in the map'),
    Parameter('state_dir', '', 'Folder for what is kept over a restart; empty: nothing is kept'),
)


def from_ros(overrides: Mapping[str, RosParameter]) -> dict[str, Any]:
    """Return plain Python values of ROS parameter overrides."""
    plain: dict[str, Any] = {}
    for name, parameter in overrides.items():
        value = parameter.value
        plain[name] = list(value) if hasattr(value, '__len__') and type(value) is not str else value
    return plain


def refuse_unknown(declared: Iterable[str], own_overrides: Iterable[str], node_name: str) -> None:
    """Refuse an override under the node's own name that is not declared.

    Raises:
        ConfigurationError: Names the parameter, and the nearest declared one.
    """
    known = set(declared)
    for name in sorted(set(own_overrides) - known):
        if name.split('.')[0] in ROS_OWN:
            continue
        near = difflib.get_close_matches(name, sorted(known), 1)
        hint = f'Did you mean "{near[0]}"?' if near else f'Known are: {", ".join(sorted(known))}.'
        raise ConfigurationError(
            cause=f'Node {node_name} has no parameter "{name}".',
            cure=f'Remove or rename it. {hint}',
        )


def own_overrides(argv: Sequence[str], node_name: str, namespace: str) -> set[str]:
    """Return the names of parameters set for this very node, not for all nodes under `/**`.

    Args:
        argv: Command line of the process.
        node_name: Name of the node after remapping.
        namespace: Namespace of the node after remapping, with leading slash.
    """
    names: set[str] = set()
    for flag, word in itertools.pairwise(argv[1:]):
        if flag == '--params-file':
            names |= _names_in_file(Path(word), node_name, namespace)
        elif flag in ('-p', '--param') and ':=' in word:
            key = word.split(':=', 1)[0]
            names.add(key.rsplit(':', 1)[-1])
    return names


def _names_in_file(path: Path, node_name: str, namespace: str) -> set[str]:
    content = yaml.safe_load(path.read_text()) or {}
    full = f'{namespace.rstrip("/")}/{node_name}'
    names: set[str] = set()
    for key, body in content.items():
        if key in ('/**', '**'):
            continue
        pattern = key if key.startswith('/') else '*/' + key
        if fnmatch.fnmatch(full, pattern.replace('**', '*')):
            names |= set(_flat((body or {}).get('ros__parameters') or {}))
    return names


def _flat(tree: Mapping[str, Any], prefix: str = '') -> Iterable[str]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f'{prefix}{key}.')
        else:
            yield prefix + key
