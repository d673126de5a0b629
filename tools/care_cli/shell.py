# SPDX-License-Identifier: Apache-2.0
"""./care shell: an interactive shell, or one command, with the environment."""

import argparse
import os
import sys

from care_cli.layout import Layout
from care_cli.prepare import prepare
from care_cli.processes import become
from care_cli.variables import run_environment


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ./care shell takes."""
    parser.add_argument('-c', dest='command', help='run this command instead of a prompt')


def run(options: argparse.Namespace, layout: Layout) -> int:
    """Replace this process by the shell."""
    prepare(layout)
    env = run_environment(layout, os.environ)
    shell = os.environ.get('SHELL') or '/bin/sh'
    if options.command is not None:
        return become(['/bin/sh', '-c', options.command], env)
    env['NIGHTINGALE_SHELL'] = '1'
    print('Environment of Nightingale; leave with exit.', file=sys.stderr, flush=True)
    return become([shell, '-i'], env)
