# SPDX-License-Identifier: Apache-2.0
"""The colcon workspace: which packages changed, and building just those."""

import os
import re
import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from care_cli import parts
from care_cli.errors import CareError
from care_cli.layout import Layout
from care_cli.progress import run_step
from care_cli.stages import combine, read_stamp, tree_key, write_stamp
from care_cli.variables import run_environment

# What is not installed does not make a package stale.
_NOT_INSTALLED = frozenset({'test', 'node_modules'})
# Folders of the repository that a package installs: launch, params, urdf, rviz.
_OUTSIDE = re.compile(r'(?:\.\./){3}([\w-]+)')
_CMAKE_ARGUMENTS = ('-DCMAKE_BUILD_TYPE=Release', '-DBUILD_TESTING=OFF')


@dataclass(frozen=True)
class Package:
    """One package of the workspace, as its package.xml says."""

    name: str
    folder: Path
    build_type: str
    depends: frozenset[str]

    @property
    def compiled(self) -> bool:
        """Say whether others are built against it, so that they follow its changes."""
        return self.build_type == 'ament_cmake'


def read_package(manifest: Path) -> Package:
    """Read one package.xml; CareError when it is not one."""
    try:
        root = ElementTree.parse(manifest).getroot()
    except ElementTree.ParseError as error:
        raise CareError(f'{manifest} is not well-formed: {error}') from error
    depends = {(one.text or '').strip() for one in root if one.tag.endswith('depend')}
    kind = root.findtext('export/build_type', 'ament_cmake')
    return Package(root.findtext('name', '').strip(), manifest.parent, kind, frozenset(depends))


def find_packages(layout: Layout, environ: Mapping[str, str] = os.environ) -> dict[str, Package]:
    """Return the packages to build by name.

    Those under src/interfaces stand in for packages of a ROS 2 distribution: where it has them,
    they are left out.
    """
    found: dict[str, Package] = {}
    source = layout.workspace / 'src'
    for manifest in sorted([*source.glob('*/package.xml'), *source.glob('*/*/package.xml')]):
        package = read_package(manifest)
        if manifest.parent.parent.name == 'interfaces' and _brought(package.name, environ):
            continue
        found[package.name] = package
    return found


def _brought(name: str, environ: Mapping[str, str]) -> bool:
    prefixes = environ.get('AMENT_PREFIX_PATH', '').split(':')
    return any((Path(prefix) / 'share' / name).is_dir() for prefix in prefixes if prefix)


def _own_key(package: Package, repo: Path) -> str:
    roots = [package.folder]
    for name in ('CMakeLists.txt', 'setup.py'):
        recipe = package.folder / name
        if recipe.is_file():
            roots += [repo / folder for folder in set(_OUTSIDE.findall(recipe.read_text()))]
    return tree_key([root for root in roots if root.exists()], repo, _NOT_INSTALLED)


def package_keys(packages: Mapping[str, Package], repo: Path, environment: str) -> dict[str, str]:
    """Return the key of each package: its files, its environment, the compiled ones below it."""
    own = {name: _own_key(package, repo) for name, package in packages.items()}
    return {
        name: combine(own[name], environment, *_CMAKE_ARGUMENTS, *(own[one] for one in below))
        for name, below in ((name, compiled_below(packages, name)) for name in packages)
    }


def compiled_below(packages: Mapping[str, Package], name: str) -> list[str]:
    """List, sorted, the compiled packages of ours that this one rests on, directly or not."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        for one in packages[waiting.pop()].depends & packages.keys() - seen:
            seen.add(one)
            waiting.append(one)
    return sorted(one for one in seen if packages[one].compiled)


def _stamp(layout: Layout, name: str) -> Path:
    return layout.install / '.care' / name


def _forget(layout: Layout, packages: Iterable[Package]) -> None:
    """Take away what an earlier build of Python packages left, or removed modules would live on."""
    for package in packages:
        _stamp(layout, package.name).unlink(missing_ok=True)
        if package.compiled:
            continue
        made = layout.workspace / 'build' / package.name
        record = made / 'install.log'
        if record.is_file():
            for line in record.read_text().splitlines():
                path = Path(line)
                if path.is_relative_to(layout.install):
                    path.unlink(missing_ok=True)
        shutil.rmtree(made, ignore_errors=True)


def _built(layout: Layout, name: str, since: float) -> bool:
    """Say whether colcon finished this package in the run that began at since."""
    result = layout.workspace / 'build' / name / 'colcon_build.rc'
    try:
        return result.read_text().strip() == '0' and result.stat().st_mtime >= since
    except OSError:
        return False


def _start_over(layout: Layout) -> None:
    for name in ('build', 'install', 'log'):
        shutil.rmtree(layout.workspace / name, ignore_errors=True)


def _colcon(layout: Layout, names: list[str]) -> list[str]:
    base = layout.workspace
    command = [str(layout.python), '-m', 'colcon', '--log-base', str(base / 'log'), 'build']
    command += ['--base-paths', str(base / 'src'), '--build-base', str(base / 'build')]
    command += ['--install-base', str(layout.install), '--merge-install']
    command += ['--event-handlers', 'console_direct+', '--packages-select', *names]
    return [*command, '--cmake-args', *_CMAKE_ARGUMENTS, f'-DPython3_EXECUTABLE={layout.python}']


def ensure_workspace(layout: Layout, keep: tuple[int, ...] = ()) -> list[str]:
    """Build the packages that changed; returns their names."""
    packages = find_packages(layout)
    environment = read_stamp(layout.venv / '.care-stamp')
    whole = layout.install / '.care' / 'environment'
    known = {path.name for path in whole.parent.glob('*')} - {whole.name}
    if read_stamp(whole) != environment or known - packages.keys():
        _start_over(layout)
        write_stamp(whole, environment)
    keys = package_keys(packages, layout.repo, environment)
    stale = [name for name in packages if read_stamp(_stamp(layout, name)) != keys[name]]
    if not stale:
        return []
    if any(packages[name].compiled for name in stale):
        parts.require()
    _forget(layout, (packages[name] for name in stale))
    since = time.time() - 1.0
    log = layout.logs / 'workspace.log'
    env = run_environment(layout, os.environ)
    title = f'workspace, {len(stale)} of {len(packages)} packages'
    try:
        run_step(title, _colcon(layout, stale), log, cwd=layout.workspace, env=env, keep=keep)
    finally:
        for name in stale:
            if _built(layout, name, since):
                write_stamp(_stamp(layout, name), keys[name])
    return stale
