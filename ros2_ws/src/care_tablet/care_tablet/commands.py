# SPDX-License-Identifier: Apache-2.0
"""Commands of nurses: who may, once only, and what the ward answered."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from care_tablet import roles
from care_tablet.accounts import User

_MOST_ANSWERS = 1024


@dataclass(frozen=True)
class Answer:
    """Answer to a command; `code` for the program, `text` for a person."""

    accepted: bool
    code: str
    text: str


class NoAnswerError(Exception):
    """The ward did not answer in time."""


class WardServices(Protocol):
    """What the ward, or the robot, offers to the gateway."""

    async def call(self, cmd: str, args: dict[str, Any], request_id: str, user: str) -> Answer:
        """Give one command to the ward.

        Raises:
            NoAnswerError: No answer in time.
        """


@dataclass(frozen=True)
class Deed:
    """What somebody did, for the journal."""

    user: str
    device: str
    action: str
    result: str
    bed: int = 0
    request_id: str = ''
    details: str = ''


@dataclass
class _Given:
    who_and_what: tuple[str, bytes]
    answer: asyncio.Task[Answer]


class Commander:
    """Checks and forwards commands; the same id gets the same answer."""

    def __init__(
        self,
        ward: WardServices,
        beds: Collection[int],
        record: Callable[[Deed], None],
        robot: WardServices | None = None,
    ) -> None:
        self._ward = ward
        self._robot = robot
        self._beds = beds
        self._record = record
        self._given: OrderedDict[str, _Given] = OrderedDict()

    async def handle(
        self, command: dict[str, Any], user: User | None, device: str
    ) -> dict[str, Any]:
        """Return the ack frame of a checked command frame.

        Args:
            command: Frame as schema.parse_frame returns it.
            user: Who is logged in, or None.
            device: Where the command comes from, for the journal.
        """
        refusal = self._refusal(command, user)
        if refusal is not None:
            answer = refusal
            self._note(command, '' if user is None else user.id, device, answer)
        else:
            assert user is not None
            answer = await self._once(command, user.id, device)
        return {
            'type': 'ack',
            'id': command['id'],
            'accepted': answer.accepted,
            'code': answer.code,
            'text': answer.text,
        }

    def _refusal(self, command: dict[str, Any], user: User | None) -> Answer | None:
        if user is None:
            return Answer(False, 'not_logged_in', 'Log in first.')
        if not roles.allows(user.role, command['cmd']):
            return Answer(False, 'not_allowed', 'Your role may not do this.')
        bed = command['args'].get('bed', 0)
        if bed and bed not in self._beds:
            return Answer(False, 'unknown_bed', f'There is no bed {bed:g}.')
        return None

    async def _once(self, command: dict[str, Any], user: str, device: str) -> Answer:
        asked = orjson.dumps([command['cmd'], command['args']], option=orjson.OPT_SORT_KEYS)
        given = self._given.get(command['id'])
        if given is None:
            # A task of its own: a page that goes away does not stop half a command.
            task = asyncio.create_task(self._give(command, user, device))
            given = self._given[command['id']] = _Given((user, asked), task)
            self._forget_oldest()
        elif given.who_and_what != (user, asked):
            return Answer(False, 'id_reused', 'This command id was used for something else.')
        return await asyncio.shield(given.answer)

    async def _give(self, command: dict[str, Any], user: str, device: str) -> Answer:
        cmd = command['cmd']
        try:
            if cmd == 'sound_test':
                answer = Answer(True, 'ok', 'Noted.')
            elif (services := self._robot if cmd in roles.ROBOT else self._ward) is None:
                answer = Answer(False, 'no_robot', 'This ward has no robot.')
            else:
                answer = await services.call(cmd, command['args'], command['id'], user)
        except NoAnswerError as error:
            # The ward knows an id that it got: the same may be tried again. A command to the robot
            # is given once.
            if cmd not in roles.ROBOT:
                self._given.pop(command['id'], None)
            answer = Answer(False, 'no_answer', str(error))
        except Exception:
            self._given.pop(command['id'], None)
            self._note(command, user, device, Answer(False, 'failed', ''))
            raise
        self._note(command, user, device, answer)
        return answer

    def _forget_oldest(self) -> None:
        while len(self._given) > _MOST_ANSWERS:
            self._given.popitem(last=False)

    def _note(self, command: dict[str, Any], user: str, device: str, answer: Answer) -> None:
        self._record(
            Deed(
                user=user,
                device=device,
                action=command['cmd'],
                result=answer.code,
                bed=int(command['args'].get('bed', 0)),
                request_id=command['id'],
                details=orjson.dumps(command['args']).decode(),
            )
        )
