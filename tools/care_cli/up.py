# SPDX-License-Identifier: Apache-2.0
"""./care up: set up what is missing, build, start the ward, say where its pages are."""

import argparse
import ast
import contextlib
import os
import re
import secrets
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from care_cli import instance, leftovers
from care_cli.errors import CareError
from care_cli.launcher import Launcher, launch_command, signals_end
from care_cli.layout import DEFAULT_PORT, Layout
from care_cli.prepare import prepare
from care_cli.processes import become
from care_cli.records import parse_records
from care_cli.variables import run_environment

DEFAULT_BEDS = [1, 2, 3, 4]
SLOW_START_SECONDS = 60.0
LOG_DAYS = 14.0
_ASSIGNMENT = re.compile(r'^([A-Za-z_]\w*):=(.*)$', re.DOTALL)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ./care up takes."""
    parser.add_argument(
        '--record',
        action='append',
        default=[],
        metavar='BED=PATH[?OPTIONS]',
        help='play a WFDB record (path without extension) or .csv file on a bed, marked RECORDED',
    )
    parser.add_argument(
        '--scenario',
        metavar='FILE',
        help='what happens to the simulated patients: a file or a name',
    )
    parser.add_argument(
        '--camera',
        metavar='SRC',
        help="the robot's camera: a folder of pictures, a video, /dev/videoN or a stream's URL",
    )
    parser.add_argument('--dry-run', action='store_true', help='list what would be started')
    parser.add_argument('--json', action='store_true', help='with --dry-run: the list as JSON')
    parser.add_argument(
        'arguments', nargs='*', metavar='name:=value', help='an argument of launch/care.launch.xml'
    )


def parse_assignments(texts: list[str]) -> dict[str, str]:
    """Return the name:=value arguments by name, else raise CareError."""
    found: dict[str, str] = {}
    for text in texts:
        match = _ASSIGNMENT.match(text)
        if not match:
            raise CareError(f'{text!r} is not name:=value', cure='see ./care up --help', code=2)
        found[match[1]] = match[2]
    return found


def parse_beds(text: str) -> list[int]:
    """Return the bed numbers of a list such as '[1, 2]', else raise CareError."""
    try:
        beds = ast.literal_eval(text)
        if not isinstance(beds, list) or not beds or not all(type(bed) is int for bed in beds):
            raise ValueError
    except (ValueError, SyntaxError):
        raise CareError(
            f'beds:={text} is no list of numbers', cure="beds:='[1, 2]'", code=2
        ) from None
    if len(set(beds)) < len(beds) or min(beds) < 1:
        raise CareError(f'beds:={text}: beds are different numbers from 1 on', code=2)
    return beds


def parse_port(text: str) -> int:
    """Return a port number, else raise CareError."""
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise CareError(f'port:={text} is no port', cure='a number from 1 to 65535', code=2)
    return int(text)


def yaml_list(values: list[str]) -> str:
    """Return a YAML flow list of strings, '' when there are none."""
    quoted = ', '.join("'" + value.replace("'", "''") + "'" for value in values)
    return f'[{quoted}]' if values else ''


def find_scenario(text: str, layout: Layout) -> Path:
    """Return the file of a scenario named by its path or, where it is ours, by its name."""
    ours = layout.workspace / 'src' / 'care_sim' / 'scenarios'
    for path in (Path(text).expanduser().absolute(), ours / f'{text}.yaml'):
        if path.is_file():
            return path
    names = ', '.join(sorted(path.stem for path in ours.glob('*.yaml')))
    raise CareError(f'--scenario {text} does not exist', cure=f'a file, or one of {names}', code=2)


def find_camera(text: str) -> str:
    """Return a camera source as nodes of any folder understand it, else raise CareError."""
    if text.isdigit() or '://' in text:
        return text
    path = Path(text).expanduser().absolute()
    if not path.exists():
        raise CareError(
            f'--camera {text} does not exist',
            cure='give a folder of pictures, a video file, /dev/videoN or a URL',
            code=2,
        )
    return str(path)


def launch_arguments(options: argparse.Namespace, layout: Layout) -> dict[str, str]:
    """Return all arguments for the launch file: those given win over those derived."""
    given = parse_assignments(options.arguments)
    if 'demo_pin_file' in given:
        cause = 'demo_pin_file:= is not yours to give: a fresh PIN is written at every start'
        raise CareError(cause, cure='leave it out', code=2)
    beds = parse_beds(given['beds']) if 'beds' in given else DEFAULT_BEDS
    records = parse_records(options.record, beds)
    derived = {'port': str(DEFAULT_PORT), 'state_dir': str(layout.state)}
    derived['sim_beds'] = str([bed for bed in beds if bed not in records])
    if records:
        derived['records'] = yaml_list([f'{bed}={path}' for bed, path in records.items()])
    if options.scenario:
        derived['scenario'] = str(find_scenario(options.scenario, layout))
    if options.camera:
        derived['camera'] = find_camera(options.camera)
    if given.get('model'):
        given['model'] = str(Path(given['model']).expanduser().absolute())
    return derived | given


def write_pin(path: Path) -> str:
    """Write a fresh random PIN to a file that only its owner reads; returns it."""
    pin = f'{secrets.randbelow(10**6):06d}'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, 'w') as file:
        file.write(pin + '\n')
    return pin


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=1.0) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError, ValueError):
        return False


def announce(address: str, pin: str, started: float, stopped: threading.Event) -> None:
    """Wait until the page answers, then print where it is and the PIN."""
    warned = False
    while not stopped.wait(0.1):
        if _answers(address):
            seconds = time.monotonic() - started
            lines = [f'Tablet  {address}', f'PIN     {pin}   (demo, on this machine only)']
            lines.append(f'Up after {seconds:.1f} s; Ctrl-C ends it.')
            print('\n' + '\n'.join(f'  {line}' for line in lines) + '\n', flush=True)
            return
        if not warned and time.monotonic() - started > SLOW_START_SECONDS:
            warned = True
            print(f'the page at {address} does not answer yet; see ./care doctor', file=sys.stderr)


def _command(layout: Layout, arguments: Mapping[str, str], *flags: str) -> list[str]:
    assigned = [f'{name}:={value}' for name, value in arguments.items()]
    return launch_command(
        str(layout.launch_file),
        [*flags, *assigned],
        python=str(layout.python),
        distribution=layout.distribution,
    )


def _dry_run(options: argparse.Namespace, layout: Layout, arguments: Mapping[str, str]) -> int:
    prepare(layout)
    env = run_environment(layout, os.environ)
    flags = ['--dry-run', *(['--json'] if options.json else [])]
    # Our own runner in every case: ros2 launch has no such thing.
    command = [str(layout.python), '-m', 'care_launch', str(layout.launch_file), *flags]
    command += [f'{name}:={value}' for name, value in arguments.items()]
    return become(command, env)


def run(options: argparse.Namespace, layout: Layout) -> int:
    """Run ./care up; returns when the ward has ended."""
    started = time.monotonic()
    arguments = launch_arguments(options, layout)
    pin_file = Path(arguments.setdefault('demo_pin_file', str(layout.state / 'demo_pin')))
    port = parse_port(arguments['port'])
    if options.dry_run:
        return _dry_run(options, layout, arguments)
    address = f'http://127.0.0.1:{port}/'
    claimed = instance.claim(layout.state, address)
    with claimed:
        instance.require_port(port)
        prepare(layout)
        leftovers.remove_unheld()
        pin = write_pin(pin_file)
        try:
            return _serve(layout, arguments, address, pin, started)
        finally:
            pin_file.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                claimed.truncate(0)


def _serve(
    layout: Layout, arguments: Mapping[str, str], address: str, pin: str, started: float
) -> int:
    env = run_environment(layout, os.environ)
    ros_logs = Path(env['ROS_LOG_DIR'])
    ros_logs.mkdir(parents=True, exist_ok=True)
    leftovers.remove_old(ros_logs, LOG_DAYS)
    command = _command(layout, arguments)
    stopped = threading.Event()
    launcher = Launcher(command, env, str(layout.repo))
    with signals_end(launcher):
        told = threading.Thread(target=announce, args=(address, pin, started, stopped), daemon=True)
        told.start()
        code = launcher.wait()
        stopped.set()
    if code:
        raise CareError(f'the launch ended by itself (exit {code})', cure='see its messages above')
    return 0
