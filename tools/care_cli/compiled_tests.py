# SPDX-License-Identifier: Apache-2.0
"""The C++ tests: built beside the workspace, so that what runs is built without them."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from care_cli.layout import Layout
from care_cli.progress import run_step
from care_cli.variables import run_environment

PACKAGES = ('care_rcl', 'care_control')
#: Builds of control for `./care test --long`: name and what -fsanitize takes.
SANITIZERS = {'address': 'address,undefined', 'thread': 'thread'}
#: What of the built node is driven then; the rest asks more of time than these builds hold.
_DRIVES = ('test_control_node.py', 'test_control_joints.py')


def build(layout: Layout) -> None:
    """Build the packages once more, with their tests."""
    _build(layout, _folder(layout), PACKAGES, [])


def build_sanitized(layout: Layout, name: str) -> None:
    """Build control, its node and its tests under the sanitizers of this name."""
    _build(layout, _folder(layout, name), PACKAGES[1:], [f'-DCARE_SANITIZE={SANITIZERS[name]}'])


def _build(layout: Layout, folder: Path, packages: Sequence[str], options: list[str]) -> None:
    base = layout.workspace
    command = [str(layout.python), '-m', 'colcon', '--log-base', str(base / 'log'), 'build']
    command += ['--base-paths', str(base / 'src'), '--packages-select', *packages]
    command += ['--build-base', str(folder), '--install-base', str(folder / 'in')]
    command += ['--merge-install', '--event-handlers', 'console_direct+', '--cmake-args']
    command += ['-DCMAKE_BUILD_TYPE=RelWithDebInfo', '-DBUILD_TESTING=ON']
    command += [f'-DPython3_EXECUTABLE={layout.python}', *options]
    env = run_environment(layout, os.environ)
    log = layout.logs / f'compiled_{folder.name}.log'
    run_step(f'C++ tests, {folder.name}', command, log, cwd=base, env=env)


def commands(layout: Layout) -> list[list[str]]:
    """Return what runs the tests of each package, with ctest's own summary."""
    return [_ctest(_folder(layout), package) for package in PACKAGES]


def commands_sanitized(layout: Layout, name: str) -> list[list[str]]:
    """Return what runs control's tests and drives its node under these sanitizers."""
    tests = layout.workspace / 'src/care_control/test'
    drives = [str(layout.python), '-m', 'pytest', *(str(tests / drive) for drive in _DRIVES)]
    return [
        [*_fixed_addresses(), *command]
        for command in (_ctest(_folder(layout, name), PACKAGES[1]), drives)
    ]


def _ctest(folder: Path, package: str) -> list[str]:
    return ['ctest', '--test-dir', str(folder / package), '--output-on-failure']


def _fixed_addresses() -> list[str]:
    """Return what goes before a command: ThreadSanitizer does not stand much randomisation."""
    fixed = ['setarch', '-R']
    works = shutil.which('setarch') and subprocess.run([*fixed, 'true'], check=False, stderr=-3)
    return fixed if works and works.returncode == 0 else []


def environment(layout: Layout, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that the tests run with."""
    env = run_environment(layout, environ)
    library = _folder(layout) / 'in' / 'lib'
    return env | {'LD_LIBRARY_PATH': f'{library}:{env["LD_LIBRARY_PATH"]}'}


def environment_sanitized(layout: Layout, environ: Mapping[str, str], name: str) -> dict[str, str]:
    """Return the variables for a sanitized build: its own node is the one that tests find."""
    env = run_environment(layout, environ)
    if 'ROS_DOMAIN_ID' not in environ:
        del env['ROS_DOMAIN_ID']  # each test process takes a domain of its own
    return env | {
        'AMENT_PREFIX_PATH': f'{_folder(layout, name) / "in"}:{env["AMENT_PREFIX_PATH"]}',
        # ROS and DDS are not built so: memory that crosses from them is of another allocator.
        'ASAN_OPTIONS': 'alloc_dealloc_mismatch=0',
        'UBSAN_OPTIONS': 'print_stacktrace=1',
    }


def _folder(layout: Layout, sanitizers: str = '') -> Path:
    return layout.workspace / 'build' / (f'with_{sanitizers}' if sanitizers else 'with_tests')
