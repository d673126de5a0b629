# SPDX-License-Identifier: Apache-2.0
"""./care build: all of the set-up, and nothing started."""

import argparse

from care_cli.layout import Layout
from care_cli.prepare import prepare


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ./care build takes."""
    parser.add_argument('--tests', action='store_true', help='with the packages the tests need')


def run(options: argparse.Namespace, layout: Layout) -> int:
    """Make what is missing or outdated."""
    if not prepare(layout, tests=options.tests):
        print('everything is up to date')
    return 0
