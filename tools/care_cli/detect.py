# SPDX-License-Identifier: Apache-2.0
"""./care detect: pictures through an object or pose model, without any node."""

import os

from care_cli.layout import Layout
from care_cli.prepare import prepare
from care_cli.processes import become
from care_cli.variables import run_environment


def run(arguments: list[str], layout: Layout) -> int:
    """Hand all arguments to care_vision.detect, which replaces this process."""
    prepare(layout)
    command = [str(layout.python), '-m', 'care_vision.detect', *arguments]
    return become(command, run_environment(layout, os.environ))
