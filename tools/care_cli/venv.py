# SPDX-License-Identifier: Apache-2.0
"""The Python environment of a checkout: made from the locks, mended, made anew when they change."""

import platform
import shutil
import sys
import sysconfig
from pathlib import Path

from care_cli import mend
from care_cli.layout import Layout
from care_cli.parts import require_wheels_platform
from care_cli.progress import run_step
from care_cli.stages import Stage, combine, read_stamp

# Bytecode is made when a module is first imported, not for the many that never are.
_PIP = ('-m', 'pip', '--disable-pip-version-check', '--no-input', 'install', '--no-compile')


def base_python() -> str:
    """Return the interpreter outside any virtual environment."""
    return str(getattr(sys, '_base_executable', '') or sys.executable)


def _identity() -> str:
    """Name the interpreter: an environment works with the very one it was made by."""
    return f'{base_python()} {platform.python_version()} {sysconfig.get_path("include")}'


def pip_install(layout: Layout, title: str, lock: Path) -> None:
    """Install exactly what a lock lists; every file must have a hash in it."""
    command = [str(layout.python), *_PIP, '--progress-bar', 'off']
    command += ['--no-deps', '--require-hashes', '-r', str(lock)]
    run_step(title, command, layout.logs / 'environment.log', cwd=layout.repo)


def _make(layout: Layout) -> None:
    # From nothing: an environment half installed cannot be told from a whole one.
    shutil.rmtree(layout.venv, ignore_errors=True)
    command = [base_python(), '-m', 'venv', str(layout.venv)]
    if layout.distribution:
        command.append('--system-site-packages')
    log = layout.logs / 'environment.log'
    run_step('Python environment', command, log, cwd=layout.repo)
    if layout.distribution:
        # colcon searches every folder below the workspace, and this one lies beside it.
        (layout.venv / 'COLCON_IGNORE').touch()
        pip_install(layout, 'Python packages', layout.requirements / 'distribution.lock')
        return
    require_wheels_platform()
    pip_install(layout, 'ROS 2 and Python packages', layout.requirements / 'wheels.lock')
    numpy_include = layout.site_packages / 'numpy' / '_core' / 'include'
    mend.mend_exports(layout.venv, sysconfig.get_path('include'), str(numpy_include))
    mend.mend_libraries(layout.venv)


def environment_stage(layout: Layout) -> Stage:
    """Return the step that makes the environment."""
    lock = layout.requirements / ('distribution.lock' if layout.distribution else 'wheels.lock')
    key = combine(lock.read_text(), _identity(), mend.VERSION, str(layout.venv))
    return Stage('environment', layout.venv / '.care-stamp', key, lambda: _make(layout))


def test_stage(layout: Layout) -> Stage:
    """Return the step that adds what only tests and lint need."""
    lock = layout.requirements / 'test.lock'
    made = read_stamp(layout.venv / '.care-stamp')
    key = combine(lock.read_text(), made)
    work = lambda: pip_install(layout, 'test packages', lock)  # noqa: E731
    return Stage('test packages', layout.venv / '.care-test-stamp', key, work)
