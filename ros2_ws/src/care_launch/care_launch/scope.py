# SPDX-License-Identifier: Apache-2.0
"""Values in force while a launch file is evaluated, and the substitutions that read them."""

from __future__ import annotations

import math
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import yaml

from care_launch.errors import LaunchError, Place
from care_launch.packages import package_prefix, package_share
from care_launch.substitution import Call, Template, parse_template


@dataclass
class Scope:
    """What a group puts back at its end.

    Attributes:
        variables: Launch arguments and `let`s.
        environment: Environment of the processes.
        namespace: Pushed ROS namespace, None for none.
        parameters: Those of `set_parameter`, in order; None before the first.
    """

    variables: dict[str, str]
    environment: dict[str, str]
    namespace: str | None = None
    parameters: list[tuple[str, Any]] | None = None

    def copy(self) -> Scope:
        """Return a scope to work on inside a group.

        The list of parameters stays the same one, as upstream: a group's `set_parameter` reaches
        the nodes behind the group when one stood before it.
        """
        return replace(self, variables=dict(self.variables), environment=dict(self.environment))


@dataclass
class Context:
    """A scope, and the folder of the launch file that was entered last."""

    scope: Scope
    directory: str = ''

    def text(self, text: str, place: Place) -> str:
        """Return a text with its substitutions carried out."""
        return self.perform(parse_template(text, place))

    def perform(self, template: Template) -> str:
        """Return a template as text."""
        return ''.join(p if isinstance(p, str) else self._call(p) for p in template)

    def _call(self, call: Call) -> str:
        return _SUBSTITUTIONS[call.name](self, call)


def truth(text: str, place: Place) -> bool:
    """Return the truth of a condition (`if`, `unless`).

    Raises:
        LaunchError: It is none of true, false, 1, 0.
    """
    word = text.strip().lower()
    if word in ('true', '1'):
        return True
    if word in ('false', '0'):
        return False
    raise LaunchError(
        f'Condition "{text}" is neither true nor false.', 'Use true, false, 1 or 0.', place
    )


def boolean(text: str, place: Place) -> bool:
    """Return a text as a YAML truth value (`$(not)`, `$(and)`, `$(or)`, respawn).

    Raises:
        LaunchError: It is none.
    """
    try:
        value = yaml.safe_load({'1': 'true', '0': 'false'}.get(text, text))
    except yaml.YAMLError:
        value = None
    if not isinstance(value, bool):
        raise LaunchError(f'"{text}" is not a truth value.', 'Use true or false.', place)
    return value


def _variable(context: Context, call: Call) -> str:
    name = context.perform(call.arguments[0])
    if name in context.scope.variables:
        return context.scope.variables[name]
    if len(call.arguments) == 2:
        return context.perform(call.arguments[1])
    raise LaunchError(
        f'$(var {name}) is not set.', 'Declare it with <arg> or <let> before its use.', call.place
    )


def _environment(context: Context, call: Call) -> str:
    name = context.perform(call.arguments[0])
    default = context.perform(call.arguments[1]) if len(call.arguments) == 2 else None
    value = context.scope.environment.get(name, default)
    if value is None:
        raise LaunchError(
            f'Environment variable "{name}" is not set.',
            f'Set it, or give a default: $(env {name} default).',
            call.place,
        )
    return value


def _share(context: Context, call: Call) -> str:
    name = context.perform(call.arguments[0])
    return str(package_share(name, context.scope.environment, call.place))


def _prefix(context: Context, call: Call) -> str:
    name = context.perform(call.arguments[0])
    return str(package_prefix(name, context.scope.environment, call.place))


def _command(context: Context, call: Call) -> str:
    line = context.perform(call.arguments[0])
    on_stderr = context.perform(call.arguments[1]) if len(call.arguments) == 2 else 'fail'
    if on_stderr not in ('fail', 'ignore', 'warn', 'capture'):
        raise LaunchError(
            f'$(command) does not know "{on_stderr}".',
            'The second argument is fail, ignore, warn or capture.',
            call.place,
        )
    done = _run(line, on_stderr, context, call.place)
    said = (done.stderr or '').strip()
    if done.returncode != 0 or (said and on_stderr == 'fail'):
        raise LaunchError(
            f'Command "{line}" ended with {done.returncode} and said: {said}.',
            'Run it by hand to see what it lacks.',
            call.place,
        )
    if said and on_stderr == 'warn':
        print(f'{call.place}: command "{line}" said: {said}', file=sys.stderr)
    return done.stdout


def _run(
    line: str, on_stderr: str, context: Context, place: Place
) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            shlex.split(line),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if on_stderr == 'capture' else subprocess.PIPE,
            text=True,
            check=False,
            env=context.scope.environment,
        )
    except (OSError, ValueError, IndexError) as error:
        raise LaunchError(
            f'Command "{line}" cannot be run: {error}.', 'Install it or mend the line.', place
        ) from error


def _equals(context: Context, call: Call) -> bool:
    """Compare as truth values, else as numbers, else as texts."""
    left, right = (context.perform(argument) for argument in call.arguments)
    words = ('true', '1', 'false', '0')
    if left.lower() in words and right.lower() in words:
        return (left.lower() in words[:2]) == (right.lower() in words[:2])
    try:
        return math.isclose(float(left), float(right))
    except ValueError:
        return left == right


def _logical(combine: Callable[..., bool]) -> Callable[[Context, Call], str]:
    def perform(context: Context, call: Call) -> str:
        values = [boolean(context.perform(a), call.place) for a in call.arguments]
        return _word(combine(*values))

    return perform


def _word(value: bool) -> str:
    return 'true' if value else 'false'


_SUBSTITUTIONS: dict[str, Callable[[Context, Call], str]] = {
    'var': _variable,
    'env': _environment,
    'dirname': lambda context, call: context.directory,
    'find-pkg-share': _share,
    'find-pkg-prefix': _prefix,
    'command': _command,
    'equals': lambda context, call: _word(_equals(context, call)),
    'not-equals': lambda context, call: _word(not _equals(context, call)),
    'not': _logical(lambda a: not a),
    'and': _logical(lambda a, b: a and b),
    'or': _logical(lambda a, b: a or b),
}
