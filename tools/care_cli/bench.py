# SPDX-License-Identifier: Apache-2.0
"""./care bench: run the measurements of tests/bench and compare them with their goals."""

import argparse
import os
from pathlib import Path

from care_cli.errors import CareError
from care_cli.layout import Layout
from care_cli.prepare import prepare
from care_cli.processes import become
from care_cli.variables import run_environment


def names(folder: Path) -> list[str]:
    """List the measurements: tests/bench/bench_NAME.py."""
    return sorted(path.stem.removeprefix('bench_') for path in folder.glob('bench_*.py'))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ./care bench takes."""
    parser.add_argument('name', nargs='?', default='', metavar='NAME', help='which one (all)')
    parser.add_argument('--json', metavar='FILE', help='write the figures there too')
    parser.add_argument('--list', action='store_true', help='list the names')


def run(options: argparse.Namespace, layout: Layout) -> int:
    """Hand over to tests/bench/run.py in the environment, which replaces this process."""
    folder = layout.repo / 'tests' / 'bench'
    known = names(folder)
    if options.list:
        print(*known, sep='\n')
        return 0
    if options.name and options.name not in known:
        raise CareError(f'there is no bench {options.name!r}', cure=f'one of: {known}', code=2)
    prepare(layout, tests=True)
    command = [str(layout.python), str(folder / 'run.py')]
    command += [options.name] if options.name else known
    if options.json:
        command += ['--json', str(Path(options.json).absolute())]
    return become(command, run_environment(layout, os.environ))
