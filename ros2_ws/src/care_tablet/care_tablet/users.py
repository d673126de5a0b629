# SPDX-License-Identifier: Apache-2.0
"""Adds and lists users of the tablet: `users STATE_DIR add ID NAME ROLE`."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Sequence
from pathlib import Path

from care_node.errors import ConfigurationError

from care_tablet import accounts
from care_tablet.roles import COMMANDS

FILE = 'users.json'


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the PIN is asked for, never taken from the command line."""
    parser = argparse.ArgumentParser(prog='users', description=__doc__)
    parser.add_argument('state_dir', type=Path, help='state folder of the ward')
    commands = parser.add_subparsers(dest='command', required=True)
    commands.add_parser('list', help='show all users')
    add = commands.add_parser('add', help='add or replace a user')
    add.add_argument('id', help='pseudonym: small letters, digits, underscores')
    add.add_argument('name', help='name shown on the page')
    add.add_argument('role', choices=list(COMMANDS))
    given = parser.parse_args(argv)
    try:
        known = accounts.load(given.state_dir / FILE)
        if given.command == 'add':
            pin = getpass.getpass('PIN, 6 digits: ')
            known.add(accounts.make_user(given.id, given.name, given.role, pin))
            accounts.save(known, given.state_dir / FILE)
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 2
    for user in known.list():
        print(f'{user.id}\t{user.role}\t{user.name}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
