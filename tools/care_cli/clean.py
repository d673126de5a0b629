# SPDX-License-Identifier: Apache-2.0
"""./care clean: back to a fresh checkout, with the ward's kept state untouched."""

import argparse
import shutil

from care_cli import instance
from care_cli.errors import CareError
from care_cli.layout import Layout


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ./care clean takes."""
    parser.add_argument('--dry-run', action='store_true', help='only list what would be removed')


def run(options: argparse.Namespace, layout: Layout) -> int:
    """Remove environment, builds and logs."""
    running = instance.running(layout.state)
    if running:
        raise CareError(f'a ward is running (pid {running.pid})', cure=f'kill -INT {running.pid}')
    made = [layout.venv, *(layout.workspace / name for name in ('build', 'install', 'log'))]
    made += [layout.web / 'dist', layout.web / 'node_modules', layout.logs]
    for path in made:
        if path.exists():
            print(path)
            if not options.dry_run:
                shutil.rmtree(path)
    return 0
