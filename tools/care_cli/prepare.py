# SPDX-License-Identifier: Apache-2.0
"""All that has to stand before anything of ours runs: parts, environment, pages, workspace."""

import contextlib
import fcntl
import os
import shutil
import sys
from collections.abc import Iterator

from care_cli import instance, parts
from care_cli.errors import CareError
from care_cli.layout import Layout
from care_cli.pages import ensure_pages
from care_cli.venv import environment_stage, test_stage
from care_cli.workspace import ensure_workspace


@contextlib.contextmanager
def _alone(layout: Layout) -> Iterator[int]:
    """Hold the build lock; what is started under it holds it too, so no two builds overlap."""
    layout.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (layout.state / 'build.lock').open('w') as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print('  another care is building here: waiting for it', file=sys.stderr, flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()


def _check_room(layout: Layout) -> None:
    free = shutil.disk_usage(layout.repo).free // 2**20
    if free < parts.NEEDED_DISK_MIB:
        raise CareError(
            f'{layout.repo} has {free} MiB free, the first set-up needs {parts.NEEDED_DISK_MIB}',
            cure='free some room or clone to another disk',
        )


def _ensure_environment(layout: Layout) -> bool:
    stage = environment_stage(layout)
    if stage.done():
        return False
    running = instance.running(layout.state)
    if running and running.pid != os.getpid():
        raise CareError(
            f'the environment is out of date, and a ward is running on it (pid {running.pid})',
            cure=f'stop that first: kill -INT {running.pid}',
        )
    parts.require()
    _check_room(layout)
    print('Setting up (a few minutes, the first time only)', file=sys.stderr, flush=True)
    return stage.ensure()


def prepare(layout: Layout, *, tests: bool = False) -> bool:
    """Make or renew what changed, for `tests` their packages too; returns whether anything was."""
    with _alone(layout) as lock:
        done = _ensure_environment(layout)
        if tests:
            done = test_stage(layout).ensure() or done
        done = ensure_pages(layout) or done
        return bool(ensure_workspace(layout, (lock,))) or done
