# SPDX-License-Identifier: Apache-2.0
"""Refusing a request, with a code for programs and words for people."""

from __future__ import annotations


class RefusedError(Exception):
    """A request is refused.

    Attributes:
        code: One word for programs.
        text: The reason in plain words.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
