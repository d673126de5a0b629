# SPDX-License-Identifier: Apache-2.0
r"""Substitutions such as `$(var ward)` inside the attributes of a launch file.

A text is a template: plain pieces and calls. A call's arguments stand apart by one space each and
may be templates in quotes: `$(command 'xacro $(dirname)/robot.xacro' warn)`. A backslash takes the
next character as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from care_launch.errors import LaunchError, Place

_NAME = re.compile(r'[A-Za-z][A-Za-z0-9_-]*')

#: Least and largest number of arguments of each substitution.
ARITY: dict[str, tuple[int, int]] = {
    'var': (1, 2),
    'env': (1, 2),
    'dirname': (0, 0),
    'find-pkg-share': (1, 1),
    'find-pkg-prefix': (1, 1),
    'command': (1, 2),
    'equals': (2, 2),
    'not-equals': (2, 2),
    'not': (1, 1),
    'and': (2, 2),
    'or': (2, 2),
}


@dataclass(frozen=True)
class Call:
    """A substitution with its arguments, each a template."""

    name: str
    arguments: tuple[Template, ...]
    place: Place


#: Plain pieces and calls, in order.
Template = tuple[str | Call, ...]


def parse_template(text: str, place: Place) -> Template:
    """Parse a text with substitutions.

    Raises:
        LaunchError: The substitution is unknown, has the wrong number of arguments, or its
            brackets or quotes do not close.
    """
    return _Reader(text, place).template('')


class _Reader:
    """Recursive descent over one text."""

    def __init__(self, text: str, place: Place) -> None:
        self._text = text
        self._place = place
        self._at = 0

    def template(self, quote: str) -> Template:
        """Read up to the closing quote, or to the end when `quote` is empty."""
        pieces: list[str | Call] = []
        while self._at < len(self._text):
            if quote and self._next() == quote:
                self._at += 1
                return tuple(pieces)
            self._piece(pieces, quote)
        if quote:
            raise self._error(f'the quote {quote} is not closed')
        return tuple(pieces)

    def _next(self) -> str:
        return self._text[self._at : self._at + 1]

    def _piece(self, pieces: list[str | Call], quote: str) -> None:
        if self._text.startswith('$(', self._at):
            pieces.append(self._call(quote))
            return
        plain = self._plain()
        if pieces and isinstance(pieces[-1], str):
            pieces[-1] += plain
        else:
            pieces.append(plain)

    def _plain(self) -> str:
        """Read one character; a backslash gives the character after it."""
        if self._next() == '\\' and self._text[self._at + 1 : self._at + 2] not in ('', '\n'):
            self._at += 1
        self._at += 1
        return self._text[self._at - 1]

    def _call(self, quote: str) -> Call:
        self._at += 2
        match = _NAME.match(self._text, self._at)
        if match is None:
            raise self._error('a substitution begins with its name')
        self._at = match.end()
        arguments: list[Template] = []
        while self._next() == ' ':
            self._at += 1
            arguments.append(self._argument(quote))
        if self._next() != ')':
            raise self._error(f'$({match.group()} ... is not closed by )')
        self._at += 1
        return self._checked(match.group(), tuple(arguments))

    def _argument(self, quote: str) -> Template:
        if not quote and self._next() in ('"', "'"):
            self._at += 1
            return self.template(self._text[self._at - 1])
        pieces: list[str | Call] = []
        while self._next() not in (' ', ')', ''):
            if self._next() == '(' or self._next() in (quote or '\'"'):
                raise self._error(f'"{self._next()}" stands bare in an argument')
            self._piece(pieces, quote)
        if not pieces:
            raise self._error('arguments stand apart by exactly one space')
        return tuple(pieces)

    def _checked(self, name: str, arguments: tuple[Template, ...]) -> Call:
        if name not in ARITY:
            raise LaunchError(
                f'Unknown substitution $({name}).',
                f'Known: {", ".join(sorted(ARITY))}.',
                self._place,
            )
        least, most = ARITY[name]
        if not least <= len(arguments) <= most:
            wanted = str(least) if least == most else f'{least} to {most}'
            raise LaunchError(
                f'$({name}) has {len(arguments)} arguments and takes {wanted}.',
                'Put an argument that has spaces in quotes.',
                self._place,
            )
        if name in ('equals', 'not-equals') and () in arguments:
            # Upstream takes the empty text for the text "[]".
            raise LaunchError(
                f"$({name}) cannot compare with the empty text ''.",
                "Put brackets around both: '[$(var name)]' '[]'.",
                self._place,
            )
        return Call(name, arguments, self._place)

    def _error(self, what: str) -> LaunchError:
        return LaunchError(
            f'Bad substitution in "{self._text}": {what}.',
            'Write $(name argument ...), arguments with spaces or brackets in quotes.',
            self._place,
        )
