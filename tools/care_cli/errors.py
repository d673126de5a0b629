# SPDX-License-Identifier: Apache-2.0
"""What the command line says when it cannot go on."""


class CareError(Exception):
    """A fault the user can mend: its cause, and the cure where one is known.

    `code` is the exit code: 1 for the state of the machine, 2 for a wrong argument.
    """

    def __init__(self, cause: str, *, cure: str = '', code: int = 1) -> None:
        super().__init__(cause)
        self.cause = cause
        self.cure = cure
        self.code = code

    def __str__(self) -> str:
        return f'{self.cause}\n  cure: {self.cure}' if self.cure else self.cause
