# SPDX-License-Identifier: Apache-2.0
"""./care analyze: a recording through the vital-sign processing, without any node."""

import os

from care_cli.layout import Layout
from care_cli.prepare import prepare
from care_cli.processes import become
from care_cli.variables import run_environment


def run(arguments: list[str], layout: Layout) -> int:
    """Hand all arguments to care_vitals.analyze, which replaces this process."""
    prepare(layout)
    command = [str(layout.python), '-m', 'care_vitals.analyze', *arguments]
    return become(command, run_environment(layout, os.environ))
