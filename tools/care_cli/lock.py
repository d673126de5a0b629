# SPDX-License-Identifier: Apache-2.0
"""Pin requirements/*.in into requirements/*.lock: exact versions with their hashes.

Only the files that CPython 3.11 and 3.12 on x86-64 Linux can install are listed, and no index is
named, so that a mirror serves as well as the public registry does.
"""

import argparse
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

from care_cli.errors import CareError
from care_cli.layout import Layout

# Wheel tags: implementation-and-version, ABI, platform (PEP 425).
_PYTHON_TAG = re.compile(r'^(py3|py2\.py3|cp311|cp312|cp3\d+)$')
_PLATFORM_TAG = re.compile(r'^(any|manylinux\S*_x86_64|linux_x86_64)$')
LOCKS = {
    'wheels': ('3.11', ()),
    'test': ('3.11', ('-c', 'wheels.lock')),
    'node': ('3.11', ()),
    'distribution': ('3.12', ()),
}


def fits(wheel: str) -> bool:
    """Say whether CPython 3.11 or 3.12 on x86-64 Linux can install this wheel file name."""
    python, abi, platform = wheel.removesuffix('.whl').split('-')[-3:]
    if not any(_PLATFORM_TAG.match(tag) for tag in platform.split('.')):
        return False
    if not _PYTHON_TAG.match(python):
        return False
    if abi == 'abi3':
        return any(int(tag[3:] or 0) <= 12 for tag in python.split('.') if tag.startswith('cp3'))
    return abi == 'none' or abi in ('cp311', 'cp312')


def _file_name(entry: dict[str, Any]) -> str:
    return str(entry.get('name') or entry['url'].rsplit('/', 1)[-1])


def accepted_hashes(package: dict[str, Any]) -> list[str]:
    """List sha256 sums of the wheels that fit, or of the source archive where no wheel does."""
    wheels = [wheel for wheel in package.get('wheels', ()) if fits(_file_name(wheel))]
    files = wheels or [entry for entry in (package.get('sdist'),) if entry]
    return sorted({str(entry['hashes']['sha256']) for entry in files})


def python_marker(marker: str) -> str:
    """Keep what tells one Python from another; the platform is the same for all of us."""
    one = re.search(r"python_full_version == '(3\.\d+)\.\*'", marker)
    return f' ; python_version == "{one[1]}"' if one else ''


def render(resolved: dict[str, Any]) -> str:
    """Write the resolution (a parsed pylock.toml) as a pip requirements file with hashes."""
    lines: list[str] = []
    for package in sorted(resolved['packages'], key=lambda one: str(one['name'])):
        sums = accepted_hashes(package)
        if not sums:
            raise CareError(f'{package["name"]} has no file for this platform')
        head = f'{package["name"]}=={package["version"]}{python_marker(package.get("marker", ""))}'
        lines.append(' \\\n    '.join([head, *(f'--hash=sha256:{value}' for value in sums)]))
    return '\n'.join(lines) + '\n'


def resolve(folder: Path, name: str) -> dict[str, Any]:
    """Let uv resolve folder/name.in for every Python we support; returns the parsed result."""
    python, extra = LOCKS[name]
    command = ['uv', 'pip', 'compile', '--universal', '--python-version', python, '--quiet']
    command += ['--fork-strategy', 'fewest', '--format', 'pylock.toml', *extra, f'{name}.in']
    try:
        text = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise CareError('uv is not installed', cure='pip install uv, then again') from error
    except subprocess.CalledProcessError as error:
        raise CareError(f'{name}.in does not resolve:\n{error.stderr.strip()}') from error
    return tomllib.loads(text.stdout)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ./care lock takes."""
    parser.add_argument('names', nargs='*', metavar='NAME', help=f'of {", ".join(LOCKS)} (all)')


def run(options: argparse.Namespace, layout: Layout) -> int:
    """Rewrite the named locks, all when none is named."""
    folder = layout.requirements
    for name in options.names or LOCKS:
        if name not in LOCKS:
            raise CareError(f'there is no requirements/{name}.in', code=2)
        resolved = resolve(folder, name)
        if name == 'test':
            known = set(re.findall(r'^[\w-]+(?===)', (folder / 'wheels.lock').read_text(), re.M))
            resolved['packages'] = [one for one in resolved['packages'] if one['name'] not in known]
        head = f'# Made from {name}.in by ./care lock {name}; do not edit.\n'
        (folder / f'{name}.lock').write_text(head + render(resolved))
        print(f'{name}.lock: {len(resolved["packages"])} distributions')
    return 0
