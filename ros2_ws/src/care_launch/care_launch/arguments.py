# SPDX-License-Identifier: Apache-2.0
"""The launch arguments that a file declares, with those of the files it includes."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path

from care_launch.errors import LaunchError
from care_launch.plan import Argument
from care_launch.scope import Context, Scope
from care_launch.tree import Element, read_file


def declared_arguments(
    path: Path, given: Mapping[str, str], environment: Mapping[str, str]
) -> dict[str, Argument]:
    """Return all arguments that a launch file takes, without running anything.

    Conditions are not asked. What an include itself passes on is left out, and so is an include
    that cannot be read beforehand.

    Raises:
        LaunchError: The file itself is wrong.
    """
    finder = _Finder(Context(Scope(dict(given), dict(environment))))
    path = absolute(path)
    finder.look(read_file(path), (path,), frozenset())
    return finder.found


def refuse_undeclared(given: Mapping[str, str], declared: Mapping[str, Argument]) -> None:
    """Refuse an argument that nothing declares: upstream would ignore the slip of the pen.

    Raises:
        LaunchError: Names the argument and the nearest declared one.
    """
    for name in given:
        if name in declared:
            continue
        near = difflib.get_close_matches(name, declared, 1)
        known = ', '.join(declared) or 'none'
        raise LaunchError(
            f'The launch file has no argument "{name}".',
            f'Did you mean "{near[0]}"?' if near else f'It has: {known}.',
        )


def argument_of(element: Element) -> Argument:
    """Return what an `arg` element declares."""
    return Argument(
        element.attributes['name'],
        element.attributes.get('default'),
        element.attributes.get('description', 'no description given'),
        element.place,
    )


def absolute(path: str | Path) -> Path:
    """Return an absolute path without following links.

    With a symlinked install $(dirname) is then the share folder, as upstream.
    """
    return Path(os.path.abspath(path))  # noqa: PTH100


class _Finder:
    """Walks a tree, and those of the files it includes, for `arg` elements."""

    def __init__(self, context: Context) -> None:
        self.found: dict[str, Argument] = {}
        self._context = context

    def look(self, parent: Element, files: tuple[Path, ...], passed: frozenset[str]) -> None:
        """Look through the children of an element of the last of `files`.

        Args:
            parent: The element.
            files: The file it stands in, behind those that include it.
            passed: Names that the include passes on.
        """
        for element in parent.children:
            self._context.directory = str(files[-1].parent)
            try:
                if element.tag == 'arg':
                    self._take(argument_of(element), passed)
                elif element.tag == 'group':
                    self.look(element, files, passed)
                elif element.tag == 'include':
                    self._enter(element, files)
            except LaunchError:
                # It hangs on what is known only while the file runs.
                continue

    def _take(self, argument: Argument, passed: frozenset[str]) -> None:
        if argument.name not in passed:
            self.found.setdefault(argument.name, argument)
        default = self._context.text(argument.default or '', argument.place)
        self._context.scope.variables.setdefault(argument.name, default)

    def _enter(self, include: Element, files: tuple[Path, ...]) -> None:
        path = absolute(self._context.text(include.attributes['file'], include.place))
        if path in files:
            return
        passed = frozenset(a.attributes['name'] for a in include.children)
        self.look(read_file(path), (*files, path), passed)
