# SPDX-License-Identifier: Apache-2.0
"""The C++ tests: built beside the workspace, so that what runs is built without them."""

import os
from collections.abc import Mapping
from pathlib import Path

from care_cli.layout import Layout
from care_cli.progress import run_step
from care_cli.variables import run_environment

PACKAGES = ('care_rcl', 'care_control')


def build(layout: Layout) -> None:
    """Build the packages once more, with their tests."""
    base = layout.workspace
    command = [str(layout.python), '-m', 'colcon', '--log-base', str(base / 'log'), 'build']
    command += ['--base-paths', str(base / 'src'), '--packages-select', *PACKAGES]
    command += ['--build-base', str(_folder(layout)), '--install-base', str(_folder(layout) / 'in')]
    command += ['--merge-install', '--event-handlers', 'console_direct+', '--cmake-args']
    command += ['-DCMAKE_BUILD_TYPE=RelWithDebInfo', '-DBUILD_TESTING=ON']
    command += [f'-DPython3_EXECUTABLE={layout.python}']
    env = run_environment(layout, os.environ)
    run_step('C++ tests', command, layout.logs / 'compiled_tests.log', cwd=base, env=env)


def commands(layout: Layout) -> list[list[str]]:
    """Return what runs the tests of each package, with ctest's own summary."""
    return [
        ['ctest', '--test-dir', str(_folder(layout) / package), '--output-on-failure']
        for package in PACKAGES
    ]


def environment(layout: Layout, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that the tests run with."""
    env = run_environment(layout, environ)
    library = _folder(layout) / 'in' / 'lib'
    return env | {'LD_LIBRARY_PATH': f'{library}:{env["LD_LIBRARY_PATH"]}'}


def _folder(layout: Layout) -> Path:
    return layout.workspace / 'build' / 'with_tests'
