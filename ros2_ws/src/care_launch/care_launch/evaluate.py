# SPDX-License-Identifier: Apache-2.0
"""Evaluates a tree of launch elements to a flat plan.

Scoping is upstream's: a group gives back variables, environment, namespace and parameters at its
end; an include does not, so what an included file sets stays set behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from care_launch.arguments import absolute, argument_of, refuse_undeclared
from care_launch.errors import LaunchError
from care_launch.plan import Plan
from care_launch.process import executable_process, joined_namespace, node_process
from care_launch.scope import Context, Scope, truth
from care_launch.tree import Element, read_file
from care_launch.values import set_parameter_value


def evaluate(path: Path, arguments: Mapping[str, str], environment: Mapping[str, str]) -> Plan:
    """Return what a launch file comes to.

    Args:
        path: The launch file.
        arguments: Launch arguments given, name -> value.
        environment: Environment to start from.

    Raises:
        LaunchError: The file, or one that it includes, is wrong, or an argument is.
    """
    evaluator = _Evaluator(arguments, environment)
    evaluator.enter(absolute(path), [], None)
    refuse_undeclared(arguments, evaluator.plan.arguments)
    return evaluator.plan


class _Evaluator:
    def __init__(self, arguments: Mapping[str, str], environment: Mapping[str, str]) -> None:
        self.plan = Plan()
        self._context = Context(Scope(dict(arguments), dict(environment)))
        self._open: list[Path] = []
        self._count = 0
        self._actions: dict[str, Callable[[Element], None]] = {
            'arg': self._arg,
            'let': self._let,
            'group': self._group,
            'push_ros_namespace': self._push_ros_namespace,
            'include': self._include,
            'node': self._node,
            'executable': self._executable,
            'set_env': self._set_env,
            'unset_env': self._unset_env,
            'set_parameter': self._set_parameter,
            'shutdown': self._shutdown,
        }

    def enter(self, path: Path, arguments: list[Element], include: Element | None) -> None:
        """Evaluate a file; the folder stays that of this file afterwards, as upstream."""
        root = read_file(path)
        self._open.append(path)
        self._context.directory = str(path.parent)
        given = [self._text(argument, 'name') for argument in arguments]
        if include is not None:
            _refuse_missing(root, given, include)
        for name, argument in zip(given, arguments, strict=True):
            self._context.scope.variables[name] = self._text(argument, 'value')
        self._visit_all(root)
        self._open.pop()

    def _visit_all(self, parent: Element) -> None:
        for element in parent.children:
            if self._holds(element):
                self._actions[element.tag](element)

    def _holds(self, element: Element) -> bool:
        if 'if' in element.attributes:
            return truth(self._text(element, 'if'), element.place)
        if 'unless' in element.attributes:
            return not truth(self._text(element, 'unless'), element.place)
        return True

    def _text(self, element: Element, name: str) -> str:
        return self._context.text(element.attributes[name], element.place)

    def _arg(self, element: Element) -> None:
        argument = argument_of(element)
        self.plan.arguments.setdefault(argument.name, argument)
        if argument.name in self._context.scope.variables:
            return
        if argument.default is None:
            raise LaunchError(
                f'The argument "{argument.name}" ({argument.description}) must be given.',
                f'Add {argument.name}:=VALUE.',
                element.place,
            )
        self._context.scope.variables[argument.name] = self._text(element, 'default')

    def _let(self, element: Element) -> None:
        name = self._text(element, 'name')
        self._context.scope.variables[name] = self._text(element, 'value')

    def _group(self, element: Element) -> None:
        scoped = element.attributes.get('scoped', 'true').lower()
        if scoped not in ('true', 'false'):
            raise LaunchError(f'"scoped" is "{scoped}".', 'Write true or false.', element.place)
        outer = self._context.scope
        if scoped == 'true':
            self._context.scope = outer.copy()
        self._visit_all(element)
        self._context.scope = outer

    def _push_ros_namespace(self, element: Element) -> None:
        scope = self._context.scope
        pushed = self._text(element, 'namespace')
        scope.namespace = joined_namespace(scope.namespace, pushed, element.place)

    def _include(self, element: Element) -> None:
        path = absolute(self._text(element, 'file'))
        if path in self._open:
            chain = ' -> '.join(p.name for p in [*self._open, path])
            raise LaunchError(
                f'The include runs in a circle: {chain}.', 'Remove one of them.', element.place
            )
        if not path.is_file():
            raise LaunchError(f'There is no file {path}.', 'Check the path.', element.place)
        self.enter(path, element.children, element)

    def _node(self, element: Element) -> None:
        self._count += 1
        self.plan.processes.append(node_process(element, self._context, self._count))

    def _executable(self, element: Element) -> None:
        self._count += 1
        self.plan.processes.append(executable_process(element, self._context, self._count))

    def _set_env(self, element: Element) -> None:
        name = self._text(element, 'name')
        self._context.scope.environment[name] = self._text(element, 'value')

    def _unset_env(self, element: Element) -> None:
        self._context.scope.environment.pop(self._text(element, 'name'), None)

    def _set_parameter(self, element: Element) -> None:
        scope = self._context.scope
        value = set_parameter_value(self._text(element, 'value'), element.place)
        if scope.parameters is None:
            scope.parameters = []
        scope.parameters.append((self._text(element, 'name'), value))

    def _shutdown(self, element: Element) -> None:
        reason = self._text(element, 'reason') if 'reason' in element.attributes else ''
        self.plan.shutdown = reason or 'reason not given'


def _refuse_missing(root: Element, given: list[str], include: Element) -> None:
    """Refuse an include that leaves out an argument without default, even one set outside."""
    for argument in _unconditional_arguments(root):
        if 'default' not in argument.attributes and argument.attributes['name'] not in given:
            raise LaunchError(
                f'The include lacks the argument "{argument.attributes["name"]}" '
                f'that {argument.place} asks for.',
                'Add <arg name="..." value="..."/> to the include.',
                include.place,
            )


def _unconditional_arguments(parent: Element) -> Iterator[Element]:
    for element in parent.children:
        if 'if' in element.attributes or 'unless' in element.attributes:
            continue
        if element.tag == 'arg':
            yield element
        elif element.tag == 'group':
            yield from _unconditional_arguments(element)
