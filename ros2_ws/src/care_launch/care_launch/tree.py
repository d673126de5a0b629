# SPDX-License-Identifier: Apache-2.0
"""Reads launch XML into a tree that knows the line of each element, and refuses the unknown."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from care_launch.errors import LaunchError, Place
from care_launch.substitution import parse_template


@dataclass
class Element:
    """One XML element."""

    tag: str
    attributes: dict[str, str]
    place: Place
    children: list[Element] = field(default_factory=list)

    def of(self, tag: str) -> list[Element]:
        """Return the children with this tag."""
        return [child for child in self.children if child.tag == tag]


@dataclass(frozen=True)
class Rule:
    """What may stand in an element.

    Attributes:
        required: Attributes that must be there.
        optional: Attributes that may.
        children: Tags that may stand inside.
        literal: Those of the attributes in which nothing is substituted.
    """

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    literal: tuple[str, ...] = ()

    @property
    def attributes(self) -> tuple[str, ...]:
        """Return all attributes that may stand here."""
        return self.required + self.optional


_IF = ('if', 'unless')
_PROCESS = (
    'cwd', 'respawn', 'respawn_delay', 'on_exit', 'sigterm_timeout', 'sigkill_timeout', 'output',
    'launch-prefix',
)  # fmt: skip
_PROCESS_LITERAL = ('respawn_delay', 'on_exit', 'sigterm_timeout', 'sigkill_timeout')
_ACTIONS = (
    'arg', 'let', 'group', 'push_ros_namespace', 'include', 'node', 'executable', 'set_env',
    'unset_env', 'set_parameter', 'shutdown',
)  # fmt: skip

ROOT = Rule(children=_ACTIONS)
#: Elements that do something.
ACTIONS: dict[str, Rule] = {
    'arg': Rule(('name',), ('default', 'description', *_IF), literal=('name', 'description')),
    'let': Rule(('name', 'value'), _IF),
    'group': Rule((), ('scoped', *_IF), _ACTIONS, literal=('scoped',)),
    'push_ros_namespace': Rule(('namespace',), _IF),
    'include': Rule(('file',), _IF, ('arg',)),
    'node': Rule(
        ('exec',),
        ('pkg', 'name', 'namespace', 'exec_name', 'args', 'ros_args', *_PROCESS, *_IF),
        ('param', 'remap', 'env'),
        literal=_PROCESS_LITERAL,
    ),
    'executable': Rule(('cmd',), ('name', *_PROCESS, *_IF), ('env',), literal=_PROCESS_LITERAL),
    'set_env': Rule(('name', 'value'), _IF),
    'unset_env': Rule(('name',), _IF),
    'set_parameter': Rule(('name', 'value'), _IF),
    'shutdown': Rule((), ('reason', *_IF)),
}
#: Elements that belong to the one around them.
PARTS: dict[tuple[str, str], Rule] = {
    ('include', 'arg'): Rule(('name', 'value')),
    ('node', 'param'): Rule((), ('name', 'value', 'type', 'from'), literal=('type',)),
    ('node', 'remap'): Rule(('from', 'to')),
    ('node', 'env'): Rule(('name', 'value')),
    ('executable', 'env'): Rule(('name', 'value')),
}


def read_file(path: Path) -> Element:
    """Read a launch file and check every tag, attribute and substitution in it.

    Raises:
        LaunchError: The file is missing, no XML, or holds what is not understood.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LaunchError(
            f'Cannot read launch file {path}: {error.strerror}.', 'Check the path.'
        ) from error
    root = _Builder(str(path)).read(content)
    if root.tag != 'launch':
        raise LaunchError(
            f'The root element is <{root.tag}>.', 'A launch file begins with <launch>.', root.place
        )
    _check(root, ROOT)
    return root


class _Builder:
    """Makes the tree from expat's events, which know the line."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._open: list[Element] = []
        self._root: Element | None = None

    def read(self, content: bytes) -> Element:
        try:
            self._parser.Parse(content, True)
        except expat.ExpatError as error:
            raise LaunchError(
                f'This is not well-formed XML: {expat.ErrorString(error.code)}.',
                'Mend the XML.',
                Place(self._file, error.lineno),
            ) from error
        assert self._root is not None
        return self._root

    def _place(self) -> Place:
        return Place(self._file, self._parser.CurrentLineNumber)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        element = Element(tag, attributes, self._place())
        if self._open:
            self._open[-1].children.append(element)
        else:
            self._root = element
        self._open.append(element)

    def _end(self, _tag: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        if text.strip():
            raise LaunchError(
                f'Text "{text.strip()}" stands between the elements.',
                'Make it a comment <!-- --> or an attribute.',
                self._place(),
            )


def _check(element: Element, rule: Rule) -> None:
    for name, value in element.attributes.items():
        if name not in rule.attributes:
            raise _unknown('attribute', name, rule.attributes, element)
        if name not in rule.literal:
            parse_template(value, element.place)
    for name in rule.required:
        if name not in element.attributes:
            raise LaunchError(
                f'<{element.tag}> lacks the attribute "{name}".', 'Add it.', element.place
            )
    if 'if' in element.attributes and 'unless' in element.attributes:
        raise LaunchError(
            f'<{element.tag}> has both "if" and "unless".', 'Keep one of them.', element.place
        )
    for child in element.children:
        if child.tag not in rule.children:
            raise _unknown('tag', child.tag, rule.children, element, child.place)
        _check(child, PARTS.get((element.tag, child.tag)) or ACTIONS[child.tag])


def _unknown(
    kind: str, name: str, known: Iterable[str], element: Element, place: Place | None = None
) -> LaunchError:
    known = sorted(known)
    near = difflib.get_close_matches(name, known, 1)
    cure = f'Did you mean "{near[0]}"?' if near else f'Known here: {", ".join(known) or "none"}.'
    return LaunchError(f'Unknown {kind} "{name}" in <{element.tag}>.', cure, place or element.place)
