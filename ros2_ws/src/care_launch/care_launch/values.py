# SPDX-License-Identifier: Apache-2.0
"""Types of parameter values, by the rules of launch's `param`.

Without a type the text is read as YAML, so `1` is a whole number and `on` is true. A list may hold
substitutions as items. A type that is a list takes a written list, never one that comes out of a
substitution: upstream refuses that, so it is refused here.
"""

from __future__ import annotations

from typing import Any

import yaml

from care_launch.errors import LaunchError, Place
from care_launch.scope import Context
from care_launch.substitution import Call, Template, parse_template

_SCALARS: dict[str, type] = {'str': str, 'bool': bool, 'float': float, 'int': int}
_LISTS: dict[str, type] = {f'list_of_{name}': kind for name, kind in _SCALARS.items()}
TYPES = (*_SCALARS, *_LISTS, 'yaml')


class _MismatchError(Exception):
    """A text does not fit its type; the message says how."""


def parameter_value(text: str, type_name: str, context: Context, place: Place) -> Any:
    """Return the value of a `param`.

    Args:
        text: Its `value`, with substitutions.
        type_name: One of TYPES.
        context: For the substitutions.
        place: For errors.

    Raises:
        LaunchError: The type is unknown, or the value does not fit it.
    """
    if type_name not in TYPES:
        raise LaunchError(
            f'Unknown parameter type "{type_name}".', f'Known: {", ".join(TYPES)}.', place
        )
    try:
        if type_name in _LISTS:
            return _items(_written_list(text), _LISTS[type_name], context, place)
        return _single(text, _SCALARS.get(type_name), context, place)
    except _MismatchError as mismatch:
        raise LaunchError(
            f'Parameter value "{text}" does not fit: {mismatch}.',
            'Mend the value or its "type".',
            place,
        ) from mismatch


def set_parameter_value(text: str, place: Place) -> Any:
    """Return the value of a `set_parameter`, whose text has its substitutions done.

    Raises:
        LaunchError: It is no single value. Upstream passes a list in a form that no node can read.
    """
    try:
        value = yaml.safe_load(text or "''")
    except yaml.YAMLError:
        value = None
    if isinstance(value, bool | int | float | str):
        return value
    raise LaunchError(
        f'set_parameter cannot carry "{text}".',
        'Use one number, text or truth value; put lists into a params file.',
        place,
    )


def _single(text: str, kind: type | None, context: Context, place: Place) -> Any:
    """Read a text that is not of a list type; without a type it may still turn out to be a list.

    The text is read once as written and, where it holds substitutions, again with those done: the
    quotes in "'$(var n)'" are gone by then, as upstream.
    """
    written = _yaml(text) if kind in (None, bool) and text else text
    if kind is None and isinstance(written, list):
        return _items(written, None, context, place)
    if isinstance(written, str):
        template = parse_template(written, place)
        if _has_call(template):
            return _typed(context.perform(template), kind)
        if kind in (None, str):
            return context.perform(template)
    return _typed(text, kind)


def _items(items: list[Any], kind: type | None, context: Context, place: Place) -> list[Any]:
    """Return list items with their substitutions done, all of one type."""
    done = []
    for item in items:
        if not isinstance(item, str):
            done.append(item)
            continue
        template = parse_template(item, place)
        text = context.perform(template)
        done.append(_typed(text, kind) if _has_call(template) else text)
    kinds = {type(item) for item in done}
    if len(kinds) > 1 or not kinds <= set(_SCALARS.values()):
        raise _MismatchError(
            'the items of a list are texts, numbers or truth values, all of one type'
        )
    if kind is not None and not kinds <= {kind}:
        raise _MismatchError(f'every item must be a {kind.__name__}')
    return done


def _written_list(text: str) -> list[Any]:
    value = _yaml(text)
    if isinstance(value, list):
        return value
    raise _MismatchError('a list type needs a list in brackets; leave the type out for $(var ...)')


def _typed(text: str, kind: type | None) -> Any:
    if kind is None:
        value = _yaml(text) if text else ''
        if isinstance(value, bool | int | float | str | list):
            return value
        raise _MismatchError(
            'it is neither text, number, truth value nor list; type="str" keeps it'
        )
    if kind is bool:
        value = _yaml({'1': 'true', '0': 'false'}.get(text, text))
        if isinstance(value, bool):
            return value
        raise _MismatchError('it is not a truth value')
    try:
        return kind(text)
    except ValueError as error:
        raise _MismatchError(str(error)) from error


def _yaml(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        # A text such as "$(var a): b" or "@home" is no YAML, and then it is a text.
        return text


def _has_call(template: Template) -> bool:
    return any(isinstance(piece, Call) for piece in template)
