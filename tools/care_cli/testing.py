# SPDX-License-Identifier: Apache-2.0
"""./care test: the tests of Python, C++ and the pages, each with its runner's own summary."""

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from care_cli import compiled_tests, leftovers, parts
from care_cli.errors import CareError
from care_cli.layout import Layout
from care_cli.pages import ensure_node
from care_cli.prepare import prepare
from care_cli.processes import adopt_orphans, bind_to_parent, end_descendants
from care_cli.variables import run_environment


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ./care test takes."""
    parser.add_argument('--long', action='store_true', help='the full counts, not the short form')
    parser.add_argument(
        '-k',
        nargs='+',
        default=[],
        metavar='EXPR',
        help='only tests whose names match any of these',
    )
    parser.add_argument('-x', action='store_true', help='stop at the first failure')
    parser.add_argument('paths', nargs='*', type=Path, help='only these test files or folders')


def pytest_command(options: argparse.Namespace, python: str) -> list[str]:
    """Return the pytest command for the options."""
    command = [python, '-m', 'pytest']
    if not options.long:
        command += ['-m', 'not long']
    if options.k:
        command += ['-k', ' or '.join(f'({one})' for one in options.k)]
    if options.x:
        command.append('-x')
    return command + [str(path) for path in options.paths]


def attend(command: Sequence[str], env: Mapping[str, str], cwd: Path) -> int:
    """Run a command on our terminal; whatever it leaves behind is ended. Returns its exit code."""
    adopt_orphans()
    # A session of its own: Ctrl-C reaches us alone, and the runner once.
    process = subprocess.Popen(
        command,
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=bind_to_parent,
    )
    while True:
        try:
            code = process.wait()
            break
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
    end_descendants(1.0)
    return 1 if code < 0 else code


def _say_what_is_missing() -> None:
    lacking = parts.missing(parts.TEST_PARTS)
    for part in lacking:
        print(f'{part.name} is missing: it {part.reason}, which are skipped', file=sys.stderr)
    if lacking:
        print(f'  cure: {parts.apt_line(lacking)}', file=sys.stderr, flush=True)


def _test_environment(options: argparse.Namespace, layout: Layout) -> dict[str, str]:
    env = run_environment(layout, os.environ)
    # Each test process takes a domain of its own, unless the caller insists.
    if 'ROS_DOMAIN_ID' not in os.environ:
        del env['ROS_DOMAIN_ID']
    env.setdefault('NIGHTINGALE_TEST_DATA', str(layout.repo.parent / 'shared'))
    # Not the state of a ward that may be running.
    env['NIGHTINGALE_STATE_DIR'] = str(layout.state / 'test')
    if options.long:
        env['NIGHTINGALE_LONG'] = '1'
    return env


def _page_tests(layout: Layout) -> int:
    npm, env = ensure_node(layout)
    return attend([*npm, 'test', '--silent'], env, layout.web)


def _compiled_tests(layout: Layout, env: Mapping[str, str], full: bool) -> list[int]:
    if {'gtest', 'gmock'} & {part.name for part in parts.missing(parts.TEST_PARTS)}:
        return []
    compiled_tests.build(layout)
    own = compiled_tests.environment(layout, env)
    codes = [attend(command, own, layout.repo) for command in compiled_tests.commands(layout)]
    # The short counts: these builds are ten times as slow.
    short = {name: value for name, value in env.items() if name != 'NIGHTINGALE_LONG'}
    for name in compiled_tests.SANITIZERS if full else ():
        print(f'\ntests of C++ under sanitizers: {compiled_tests.SANITIZERS[name]}', flush=True)
        compiled_tests.build_sanitized(layout, name)
        own = compiled_tests.environment_sanitized(layout, short, name)
        for command in compiled_tests.commands_sanitized(layout, name):
            codes.append(attend(command, own, layout.repo))
    return codes


def run(options: argparse.Namespace, layout: Layout) -> int:
    """Run the tests; returns the worst exit code."""
    for path in options.paths:
        if not Path(str(path).partition('::')[0]).exists():
            raise CareError(f'{path} does not exist', code=2)
    prepare(layout, tests=True)
    _say_what_is_missing()
    env = _test_environment(options, layout)
    codes = [attend(pytest_command(options, str(layout.python)), env, layout.repo)]
    if not options.k and not options.paths:
        print('\ntests of C++', flush=True)
        codes += _compiled_tests(layout, env, options.long)
        print('\ntests of the pages', flush=True)
        codes.append(_page_tests(layout))
    leftovers.remove_unheld()
    return max(codes)
