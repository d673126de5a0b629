# SPDX-License-Identifier: Apache-2.0
"""Turns a `node` or `executable` element into a process with its command line."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from care_launch.errors import LaunchError, Place
from care_launch.packages import package_executable
from care_launch.plan import Process
from care_launch.scope import Context, boolean
from care_launch.substitution import parse_template
from care_launch.tree import Element
from care_launch.values import parameter_value

_NAME = re.compile(r'[A-Za-z_][A-Za-z0-9_]*')
#: Upstream's defaults [s].
_SIGTERM_TIMEOUT_S = 5.0
_SIGKILL_TIMEOUT_S = 5.0


def joined_namespace(base: str | None, name: str | None, place: Place) -> str | None:
    """Return `name` below `base`, absolute; an absolute name stands alone.

    Raises:
        LaunchError: The result is no ROS namespace.
    """
    if name is None:
        return base
    full = name if name.startswith('/') or not base else f'{base.rstrip("/")}/{name}'
    full = '/' + full.strip('/') if full.strip('/') else '/'
    if full != '/' and not all(_NAME.fullmatch(part) for part in full[1:].split('/')):
        raise LaunchError(
            f'"{full}" is no ROS namespace.',
            'Its parts are letters, digits and _, and do not begin with a digit.',
            place,
        )
    return full


@dataclass
class _Draft:
    """Collects words and parameter files of one command line."""

    index: int
    words: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    parameters: list[str | dict[str, Any]] = field(default_factory=list)

    def values(self, node: str, values: dict[str, Any]) -> None:
        """Pass values in a params file, for a command line cannot carry their types."""
        name = f'launch_params_{self.index}_{len(self.files)}.yaml'
        self.files[name] = yaml.dump({node: {'ros__parameters': values}}, default_flow_style=False)
        self.words += ['--params-file', name]
        self.parameters.append(values)


def node_process(element: Element, context: Context, index: int) -> Process:
    """Return the process of a `node` element, with a command line as launch_ros builds it.

    Raises:
        LaunchError: A package, executable or file is missing, or a name or value is bad.
    """
    reader = _Reader(element, context)
    package, executable = reader.text('pkg'), reader.needed('exec')
    name = _node_name(reader.text('name'), element.place)
    scope = context.scope
    namespace = joined_namespace(scope.namespace, reader.text('namespace'), element.place)
    draft = _Draft(index, [_path(package, executable, context, element.place)])
    draft.words += reader.words('args')
    ros_args = reader.words('ros_args')
    draft.words += ['--ros-args', *ros_args] if ros_args else []
    draft.words.append('--ros-args')
    draft.words += ['-r', f'__node:={name}'] if name else []
    draft.words += ['-r', f'__ns:={namespace}'] if namespace else []
    _add_parameters(element, context, draft, _full_name(name, namespace))
    remaps = tuple(reader.pairs('remap', 'from', 'to'))
    for source, target in remaps:
        draft.words += ['-r', f'{source}:={target}']
    return reader.process(
        draft,
        package=package,
        executable=executable,
        name=name,
        namespace=namespace or '/',
        remaps=remaps,
        label=reader.text('exec_name'),
    )


def executable_process(element: Element, context: Context, index: int) -> Process:
    """Return the process of an `executable` element; errors as `node_process`."""
    reader = _Reader(element, context)
    words = reader.words('cmd')
    if not words:
        raise LaunchError('The command is empty.', 'Write one into "cmd".', element.place)
    return reader.process(
        _Draft(index, words),
        package=None,
        executable=words[0],
        name=None,
        namespace=None,
        remaps=(),
        label=reader.text('name'),
    )


class _Reader:
    """Reads the attributes that all processes have in common."""

    def __init__(self, element: Element, context: Context) -> None:
        self._element = element
        self._context = context

    def text(self, name: str) -> str | None:
        """Return an attribute with substitutions done, None where it is missing."""
        value = self._element.attributes.get(name)
        return None if value is None else self._context.text(value, self._element.place)

    def needed(self, name: str) -> str:
        """Return an attribute that the tree has checked to be there."""
        return self._context.text(self._element.attributes[name], self._element.place)

    def words(self, name: str) -> list[str]:
        """Return a command line as words."""
        line = self._element.attributes.get(name)
        return [] if line is None else command_words(line, self._context, self._element.place)

    def pairs(self, tag: str, first: str, second: str) -> list[tuple[str, str]]:
        """Return two attributes of each child with this tag."""
        perform = self._context.text
        return [
            (
                perform(child.attributes[first], child.place),
                perform(child.attributes[second], child.place),
            )
            for child in self._element.of(tag)
        ]

    def process(
        self,
        draft: _Draft,
        *,
        label: str | None,
        **fields: Any,
    ) -> Process:
        """Return the process, with prefix, environment and how it starts and ends."""
        attributes, place = self._element.attributes, self._element.place
        argv = shlex.split(self.text('launch-prefix') or '') + draft.words
        return Process(
            argv=tuple(argv),
            files=draft.files,
            parameters=tuple(draft.parameters),
            environment={
                **self._context.scope.environment,
                **dict(self.pairs('env', 'name', 'value')),
            },
            label=f'{label or Path(argv[0]).name}-{draft.index}',
            respawn_delay=self._respawn_delay(),
            required=_on_exit(attributes.get('on_exit'), place),
            sigterm_timeout=_seconds(attributes, 'sigterm_timeout', _SIGTERM_TIMEOUT_S, place),
            sigkill_timeout=_seconds(attributes, 'sigkill_timeout', _SIGKILL_TIMEOUT_S, place),
            output=self._output(),
            cwd=self.text('cwd'),
            place=place,
            **fields,
        )

    def _respawn_delay(self) -> float | None:
        place = self._element.place
        delay = _seconds(self._element.attributes, 'respawn_delay', 0.0, place)
        return delay if boolean(self.text('respawn') or 'false', place) else None

    def _output(self) -> str:
        output = self.text('output') or 'log'
        if output not in ('screen', 'log', 'both'):
            raise LaunchError(
                f'Unknown output "{output}".', 'Use screen, log or both.', self._element.place
            )
        return output


def command_words(line: str, context: Context, place: Place) -> list[str]:
    """Return a command line as words: plain text is split, what a substitution gives is not.

    Raises:
        LaunchError: A quote is not closed within one piece of plain text.
    """
    words: list[str] = []
    growing = False
    for piece in parse_template(line, place):
        if not isinstance(piece, str):
            text = context.perform((piece,))
            words = [*words[:-1], words[-1] + text] if growing else [*words, text]
            growing = True
            continue
        try:
            tokens = shlex.split(piece)
        except ValueError as error:
            raise LaunchError(
                f'Command "{line}": {error}.', 'Close quotes before a substitution.', place
            ) from error
        if growing and tokens and not piece[0].isspace():
            words[-1] += tokens.pop(0)
        words += tokens
        growing = not piece[-1].isspace()
    return words


def _path(package: str | None, executable: str, context: Context, place: Place) -> str:
    if package is None:
        return executable
    return str(package_executable(package, executable, context.scope.environment, place))


def _node_name(name: str | None, place: Place) -> str | None:
    if name is not None and not _NAME.fullmatch(name):
        raise LaunchError(
            f'"{name}" is no node name.',
            'Use letters, digits and _, and no digit first.',
            place,
        )
    return name


def _full_name(name: str | None, namespace: str | None) -> str:
    """Return the key of a params file that means this node."""
    if name is None or namespace is None:
        return '/**'
    return f'{namespace.rstrip("/")}/{name}'


def _add_parameters(element: Element, context: Context, draft: _Draft, node: str) -> None:
    for name, value in context.scope.parameters or ():
        draft.words += ['-p', f'{name}:={value}']
        draft.parameters.append({name: value})
    for param in element.of('param'):
        if 'from' in param.attributes:
            path = _parameter_file(param, context)
            draft.words += ['--params-file', path]
            draft.parameters.append(path)
        else:
            draft.values(node, _parameter(param, context))


def _parameter_file(param: Element, context: Context) -> str:
    if set(param.attributes) != {'from'}:
        raise LaunchError(
            'A <param> with "from" takes nothing else.', 'Keep only "from".', param.place
        )
    path = context.text(param.attributes['from'], param.place)
    if not Path(path).is_file():
        # Upstream warns and goes on without the file: a node with other values than were meant.
        raise LaunchError(f'There is no params file {path}.', 'Check the path.', param.place)
    return path


def _parameter(param: Element, context: Context) -> dict[str, Any]:
    attributes = param.attributes
    if 'name' not in attributes or 'value' not in attributes:
        raise LaunchError(
            '<param> needs "name" and "value", or "from".', 'Add what is missing.', param.place
        )
    name = context.text(attributes['name'], param.place)
    kind = attributes.get('type', 'yaml')
    return {name: parameter_value(attributes['value'], kind, context, param.place)}


def _on_exit(action: str | None, place: Place) -> bool:
    if action not in (None, 'shutdown'):
        raise LaunchError(f'Unknown on_exit "{action}".', 'Only "shutdown" is known.', place)
    return action == 'shutdown'


def _seconds(attributes: Mapping[str, str], name: str, default: float, place: Place) -> float:
    text = attributes.get(name)
    if text is None:
        return default
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0.0 <= seconds < 1e6:
        raise LaunchError(
            f'"{name}" is "{text}".',
            'Write the seconds as a number of 0 or more; upstream takes no substitution here.',
            place,
        )
    return seconds
