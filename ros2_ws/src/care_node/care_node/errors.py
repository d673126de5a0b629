# SPDX-License-Identifier: Apache-2.0
"""Errors that tell a person what is wrong and what to do about it."""


class ConfigurationError(Exception):
    """A node cannot start as it is configured.

    Attributes:
        cause: What is wrong, in one sentence.
        cure: What to do about it, in one sentence.
    """

    def __init__(self, cause: str, cure: str) -> None:
        super().__init__(f'{cause} {cure}')
        self.cause = cause
        self.cure = cure


def with_place(what: str, error: Exception) -> str:
    """Return the error with the line of code that raised it, for the log."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = '' if trace is None else f' ({trace.tb_frame.f_code.co_filename}:{trace.tb_lineno})'
    return f'{what}: {type(error).__name__}: {error}{place}'
