# SPDX-License-Identifier: Apache-2.0
"""Answers to requests: the same request gets the same answer, also when it is sent twice."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from care_alarms.store import RequestKey

#: How long an answer is remembered [s], counted anew after a restart.
REMEMBERED_S = 300.0


@dataclass(frozen=True)
class Answer:
    """Answer to a request.

    Attributes:
        accepted: The request has been carried out.
        code: One word for programs, 'ok' when accepted.
        text: The same in plain words.
        admission_id: Present admission, for requests about patients.
    """

    accepted: bool
    code: str
    text: str
    admission_id: str = ''


class Answers:
    """Answers given in the last minutes; requests without an id are not remembered."""

    def __init__(self, kept: dict[RequestKey, dict[str, Any]], steady: float) -> None:
        self._given = {key: (steady, Answer(**answer)) for key, answer in kept.items()}
        self._fresh: dict[RequestKey, dict[str, Any]] = {}

    def known(self, key: RequestKey) -> Answer | None:
        """Return the answer given to a request, None if it is new."""
        found = self._given.get(key) if key[1] else None
        return None if found is None else found[1]

    def remember(self, key: RequestKey, answer: Answer, steady: float) -> None:
        """Remember an answer."""
        if key[1]:
            self._given[key] = (steady, answer)
            self._fresh[key] = asdict(answer)

    @property
    def unkept(self) -> dict[RequestKey, dict[str, Any]]:
        """Return the answers that have not been kept on disk yet."""
        return dict(self._fresh)

    def expired(self, steady: float) -> list[RequestKey]:
        """Return the requests that may be forgotten."""
        return [key for key, (given, _) in self._given.items() if steady - given > REMEMBERED_S]

    def kept(self, forgotten: list[RequestKey]) -> None:
        """Note that all answers are on disk and some have been forgotten there."""
        self._fresh.clear()
        for key in forgotten:
            self._given.pop(key, None)
