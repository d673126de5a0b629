# SPDX-License-Identifier: Apache-2.0
"""The commands of ./care."""

import argparse
import difflib
import importlib
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from care_cli.errors import CareError
from care_cli.layout import find_layout

# Command -> module (imported when asked for), one line of help.
COMMANDS = {
    'up': ('up', 'set up, build and start the ward; prints the tablet address and a demo PIN'),
    'test': ('testing', 'run everything that can be tested on this machine'),
    'lint': ('lint', 'check style, types and well-formedness'),
    'build': ('build', 'set up and build, start nothing'),
    'shell': ('shell', 'open a shell with the environment, or run one command in it (-c)'),
    'doctor': ('doctor', 'look for faults of the machine and of a running ward, with cures'),
    'analyze': ('analyze', 'run a recording through the vital-sign processing, into JSON lines'),
    'detect': ('detect', 'run pictures through an object or pose model, into JSON lines'),
    'bench': ('bench', 'measure, and compare with the goals'),
    'lock': ('lock', 'pin the requirements again (needs uv and a network)'),
    'clean': ('clean', 'remove all that ./care has made, except the kept state'),
}
# Their arguments go on unread to the program they stand for.
_PASSES_ALL = ('analyze', 'detect')


def overview() -> str:
    """List the commands, one line each."""
    width = max(map(len, COMMANDS))
    lines = [f'  {name:<{width}}  {text}' for name, (_, text) in COMMANDS.items()]
    head = 'Nightingale: patient-care robot stack for research and education, not a medical device.'
    usage = 'usage: ./care COMMAND ...      (./care COMMAND --help tells more)'
    return '\n'.join([head, '', usage, '', *lines])


def _unknown(name: str) -> CareError:
    near = difflib.get_close_matches(name, COMMANDS, 1)
    cure = f'did you mean ./care {near[0]}?' if near else './care lists the commands'
    return CareError(f'there is no command {name!r}', cure=cure, code=2)


def _dispatch(name: str, rest: Sequence[str]) -> int:
    if name not in COMMANDS:
        raise _unknown(name)
    module = importlib.import_module(f'care_cli.{COMMANDS[name][0]}')
    layout = find_layout()
    if name in _PASSES_ALL:
        return int(module.run(list(rest), layout))
    parser = argparse.ArgumentParser(prog=f'./care {name}', description=COMMANDS[name][1])
    module.add_arguments(parser)
    return int(module.run(parser.parse_intermixed_args(rest), layout))


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main(argv: Sequence[str]) -> int:
    """Run one command; returns the exit code: 1 for a fault of the machine, 2 for wrong use."""
    if not argv or argv[0] in ('-h', '--help', 'help'):
        print(overview())
        return 0
    # What a shell starts in the background ignores SIGINT; SIGTERM is to clear up as well.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _terminate)
    try:
        return _dispatch(argv[0], argv[1:])
    except CareError as error:
        print(f'care: {error}', file=sys.stderr)
        return error.code
    except KeyboardInterrupt:
        print('care: stopped', file=sys.stderr)
        return 130
