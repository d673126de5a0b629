# SPDX-License-Identifier: Apache-2.0
"""What a page may send: every text frame is checked against a schema, compiled once."""

from __future__ import annotations

from typing import Any

import orjson
from jsonschema import Draft202012Validator

PROTOCOL = 1
LARGEST_FRAME = 64 * 1024
_LARGEST_STOP = 512

_BED = {'type': 'integer', 'minimum': 1, 'maximum': 255}
_LIMIT = {'type': ['number', 'null'], 'minimum': -1e6, 'maximum': 1e6}
_TEXT = {'type': 'string', 'maxLength': 128}


def _object(**properties: Any) -> dict[str, Any]:
    return {
        'type': 'object',
        'properties': properties,
        'required': list(properties),
        'additionalProperties': False,
    }


def _given_at(**properties: Any) -> dict[str, Any]:
    """Return the arguments of a command that must not come late; `at`: ward time of the press."""
    schema = _object(**properties)
    schema['properties'] = {**schema['properties'], 'at': {'type': 'number'}}
    return schema


_LIMITS = {
    'type': 'array',
    'minItems': 1,
    'maxItems': 16,
    'items': _object(kind=_TEXT, extreme_low=_LIMIT, low=_LIMIT, high=_LIMIT, extreme_high=_LIMIT),
}

#: Arguments of each command.
_ARGUMENTS = {
    'acknowledge': _object(alarm_id={**_TEXT, 'minLength': 1}),
    'set_limits': _object(bed=_BED, admission_id=_TEXT, limits=_LIMITS),
    'pause_audio': _object(
        bed={'type': 'integer', 'minimum': 0, 'maximum': 255},
        seconds={'type': 'number', 'minimum': 0, 'maximum': 3600},
    ),
    'sound_test': _object(priority={'enum': ['LOW', 'MEDIUM', 'HIGH']}, heard={'type': 'boolean'}),
    'go_to_bed': _given_at(bed=_BED),
    'check_bed': _given_at(bed=_BED),
    'return': _given_at(),
    'at_home': _given_at(),
    'cancel_task': _object(),
    'release_stop': _given_at(path_clear={'const': True}),
}

_HELLO = _object(
    type={'const': 'hello'},
    protocol={'const': PROTOCOL},
    boot={'type': ['string', 'null'], 'maxLength': 64},
    last={
        'type': 'object',
        'maxProperties': 255,
        'propertyNames': {'pattern': '^[0-9]{1,3}$'},
        'additionalProperties': {'type': 'integer', 'minimum': -1, 'maximum': 2**32},
    },
)
_TICK = {'type': 'object', 'properties': {'type': {'const': 'tick'}}, 'maxProperties': 4}
_UUID = '^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$'
_COMMAND = _object(
    type={'const': 'command'},
    id={'type': 'string', 'pattern': _UUID, 'maxLength': 36},
    cmd={'enum': list(_ARGUMENTS)},
    args={'type': 'object'},
)
_LOGIN = _object(user={**_TEXT, 'minLength': 1}, pin={'type': 'string', 'pattern': '^[0-9]{4,12}$'})
_UNLOCK = _object(user={**_TEXT, 'minLength': 1})

_FRAMES = {
    name: Draft202012Validator(schema)
    for name, schema in (('hello', _HELLO), ('tick', _TICK), ('command', _COMMAND))
}
_COMMANDS = {name: Draft202012Validator(schema) for name, schema in _ARGUMENTS.items()}
_REQUESTS = {'login': Draft202012Validator(_LOGIN), 'unlock': Draft202012Validator(_UNLOCK)}


class Malformed(ValueError):  # noqa: N818 - it is the text sent back, not a failure of ours
    """A message that is not as the protocol says; its text says where, never with the content."""


def parse_frame(text: str) -> dict[str, Any]:
    """Return a checked text frame of a page.

    Raises:
        Malformed: Not JSON, or not as its schema says.
    """
    frame = _json_object(text)
    kind = frame.get('type')
    if not isinstance(kind, str) or kind not in _FRAMES:
        raise Malformed('unknown type of frame')
    _check(_FRAMES[kind], frame)
    if kind == 'command':
        _check(_COMMANDS[frame['cmd']], frame['args'])
    return frame


def stop_id(text: str) -> str | None:
    """Return the id of a `stop` frame, '' when it has none; None for any other frame.

    Own code, before any schema: what looks like a stop is a stop, whatever else is wrong with it.
    """
    if len(text) > _LARGEST_STOP or '"stop"' not in text:
        return None
    try:
        frame = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(frame, dict) or frame.get('type') != 'stop':
        return None
    given = frame.get('id')
    return given if isinstance(given, str) else ''


def parse_request(kind: str, body: bytes) -> dict[str, Any]:
    """Return the checked body of a POST, kind 'login' or 'unlock'.

    Raises:
        Malformed: Not JSON, or not as its schema says.
    """
    request = _json_object(body)
    _check(_REQUESTS[kind], request)
    return request


def _json_object(text: str | bytes) -> dict[str, Any]:
    try:
        parsed = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Malformed('not JSON') from error
    if not isinstance(parsed, dict):
        raise Malformed('not a JSON object')
    return parsed


def _check(validator: Draft202012Validator, value: dict[str, Any]) -> None:
    error = next(validator.iter_errors(value), None)
    if error is not None:
        # Place and rule only: the value may be a PIN.
        raise Malformed(f'{error.json_path}: breaks the rule "{error.validator}"')
