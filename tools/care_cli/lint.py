# SPDX-License-Identifier: Apache-2.0
"""./care lint: style, format, types, and XML; all of them, then the verdict."""

import argparse
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from care_cli.layout import Layout
from care_cli.pages import ensure_node
from care_cli.prepare import prepare
from care_cli.variables import run_environment
from care_cli.workspace import find_packages

_XML = ('launch/**/*.xml', 'urdf/**/*.xacro', 'ros2_ws/src/*/**/*.xml')


@dataclass(frozen=True)
class Check:
    """One tool: its name in the verdict, and how it runs."""

    title: str
    command: list[str]
    cwd: Path
    env: Mapping[str, str]

    def passes(self) -> bool:
        """Run it on our terminal."""
        print(f'{self.title}:', flush=True)
        ended = subprocess.run(self.command, cwd=self.cwd, env=dict(self.env), check=False)
        return ended.returncode == 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ./care lint takes."""
    parser.add_argument('--fix', action='store_true', help='first mend what ruff can mend')


def malformed(paths: list[Path]) -> list[str]:
    """Describe the XML files that are not well-formed, with line and column."""
    faults = []
    for path in paths:
        try:
            ElementTree.parse(path)
        except ElementTree.ParseError as error:
            faults.append(f'{path}: {error}')
    return faults


def xml_files(repo: Path) -> list[Path]:
    """List our XML files."""
    found = {path for pattern in _XML for path in repo.glob(pattern)}
    return sorted(path for path in found if not {'node_modules', 'test'} & set(path.parts))


def python_packages(layout: Layout) -> list[Path]:
    """List the source folders that hold a Python package of the same name."""
    packages = find_packages(layout).values()
    return [one.folder for one in packages if (one.folder / one.name / '__init__.py').is_file()]


def _mypy(layout: Layout, env: Mapping[str, str]) -> Check:
    folders = [layout.repo / 'tools', *python_packages(layout)]
    names = ['care_cli', *(folder.name for folder in folders[1:])]
    command = [str(layout.python), '-m', 'mypy']
    for name in names:
        command += ['-p', name]
    # The sources, not what is installed of them.
    search = ':'.join(map(str, folders))
    return Check('mypy', command, layout.repo, {**env, 'MYPYPATH': search, 'PYTHONPATH': search})


def _checks(layout: Layout) -> list[Check]:
    env = run_environment(layout, os.environ)
    ruff = [str(layout.python), '-m', 'ruff']
    checks = [
        Check('ruff check', [*ruff, 'check', '--output-format=concise'], layout.repo, env),
        Check('ruff format', [*ruff, 'format', '--check'], layout.repo, env),
        _mypy(layout, env),
    ]
    sources = sorted(str(one) for one in layout.workspace.glob('src/*/**/*.[ch]pp'))
    if sources and shutil.which('clang-format'):
        command = ['clang-format', '--dry-run', '--Werror', *sources]
        checks.append(Check('clang-format', command, layout.repo, env))
    if (layout.web / 'package.json').is_file():
        npm, node_env = ensure_node(layout)
        checks.append(Check('pages', [*npm, 'run', '--silent', 'lint'], layout.web, node_env))
    return checks


def run(options: argparse.Namespace, layout: Layout) -> int:
    """Run every check; returns 1 when any of them failed."""
    prepare(layout, tests=True)
    if options.fix:
        for arguments in (['check', '--fix', '--quiet'], ['format', '--quiet']):
            command = [str(layout.python), '-m', 'ruff', *arguments]
            subprocess.run(command, cwd=layout.repo, check=False)
    failed = [check.title for check in _checks(layout) if not check.passes()]
    faults = malformed(xml_files(layout.repo))
    print('xml:', *(faults or ['well-formed']), sep='\n', flush=True)
    if faults:
        failed.append('xml')
    print(f'lint: {", ".join(failed)} failed' if failed else 'lint: all passed')
    return 1 if failed else 0
