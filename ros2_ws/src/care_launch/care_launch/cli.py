# SPDX-License-Identifier: Apache-2.0
"""Command line: `care_launch FILE [--dry-run [--json]] [--show-args] [name:=value ...]`."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from care_launch.arguments import declared_arguments
from care_launch.console import Console
from care_launch.errors import LaunchError
from care_launch.evaluate import evaluate
from care_launch.plan import Plan
from care_launch.runner import run_plan


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns:
        0 after an orderly end, 1 when a process failed, 2 when the launch file is wrong, 130 when
        interrupted before the start.
    """
    options = _parser().parse_intermixed_args(argv)
    try:
        return _carry_out(options)
    except LaunchError as error:
        print(f'care_launch: {error}', file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        # Before anything was started; later the runner takes the signals.
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog='care_launch', description=__doc__)
    parser.add_argument('file', type=Path, help='launch XML')
    parser.add_argument('arguments', nargs='*', metavar='name:=value', help='launch arguments')
    parser.add_argument('--dry-run', action='store_true', help='say what would be run')
    parser.add_argument('--json', action='store_true', help='with --dry-run: as JSON')
    parser.add_argument('--show-args', action='store_true', help='list the launch arguments')
    return parser


def _carry_out(options: argparse.Namespace) -> int:
    given = dict(_pair(word) for word in options.arguments)
    environment = dict(os.environ)
    if options.show_args:
        _show_arguments(options.file, given, environment)
        return 0
    plan = evaluate(options.file, given, environment)
    if options.dry_run:
        _show_plan(plan, environment, as_json=options.json)
        return 0
    return run_plan(plan, Console())


def _pair(word: str) -> tuple[str, str]:
    name, separator, value = word.partition(':=')
    if not separator or not name:
        raise LaunchError(f'"{word}" is no launch argument.', 'Write it as name:=value.')
    return name, value


def _show_arguments(file: Path, given: dict[str, str], environment: dict[str, str]) -> None:
    for argument in declared_arguments(file, given, environment).values():
        default = 'must be given' if argument.default is None else f"default: '{argument.default}'"
        print(f"    '{argument.name}':\n        {argument.description}\n        ({default})\n")


def _show_plan(plan: Plan, environment: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([p.as_json(environment) for p in plan.processes], indent=2))
        return
    if plan.shutdown is not None:
        print(f'nothing is started: {plan.shutdown}')
    for process in plan.processes:
        print(f'[{process.label}] {shlex.join(process.argv)}')
