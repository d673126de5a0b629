# SPDX-License-Identifier: Apache-2.0
"""Start the launch file, wait, and end it: within five seconds, with nothing left behind."""

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from types import FrameType

from care_cli import leftovers
from care_cli.processes import (
    adopt_orphans,
    bind_to_parent,
    descendants,
    end_descendants,
    reap,
    send,
)

# The launcher gives each node 2 s after SIGINT and 1 s after SIGTERM; then it is our turn.
PATIENCE_SECONDS = 3.8
ORPHAN_SECONDS = 0.4
# A terminal and a script may both signal us: only a later second signal means "at once".
IMPATIENT_SECONDS = 0.7


class Launcher:
    """The process that runs a launch file, and everything below it."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], cwd: str) -> None:
        adopt_orphans()
        self.asked = 0.0
        self.impatient = False
        # A session of its own: Ctrl-C reaches us alone, so that the nodes are ended in order.
        self.process = subprocess.Popen(
            command,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=bind_to_parent,
        )

    def ask_to_end(self) -> None:
        """Have it end its nodes and itself; asked again later, at once."""
        now = time.monotonic()
        if not self.asked:
            self.asked = now
            print('\nstopping', file=sys.stderr, flush=True)
            send([self.process.pid], signal.SIGINT)
        elif now - self.asked > IMPATIENT_SECONDS:
            self.impatient = True

    def wait(self) -> int:
        """Wait for its end and clear up; returns its exit code, 0 when it was asked to end."""
        try:
            while self.process.poll() is None:
                if self._overdue():
                    print('some did not end in time: killed', file=sys.stderr, flush=True)
                    send([self.process.pid, *descendants(self.process.pid)], signal.SIGKILL)
                    self.process.wait()
                time.sleep(0.05)
        finally:
            self.clear_up()
        return 0 if self.asked else self.process.returncode

    def _overdue(self) -> bool:
        late = time.monotonic() - self.asked > PATIENCE_SECONDS
        return bool(self.asked) and (late or self.impatient)

    def clear_up(self) -> None:
        """End what is left below us and remove its shared memory."""
        end_descendants(ORPHAN_SECONDS)
        reap()
        leftovers.remove_unheld()


@contextlib.contextmanager
def signals_end(launcher: Launcher) -> Iterator[None]:
    """While inside, SIGINT, SIGTERM and SIGHUP ask the launcher to end."""

    def handle(_number: int, _frame: FrameType | None) -> None:
        launcher.ask_to_end()

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def launch_command(
    launch_file: str, arguments: Sequence[str], *, python: str, distribution: bool
) -> list[str]:
    """Return what runs a launch file: the real ros2 launch where there is one, else care_launch."""
    start = ['ros2', 'launch'] if distribution else [python, '-m', 'care_launch']
    return [*start, launch_file, *arguments]
