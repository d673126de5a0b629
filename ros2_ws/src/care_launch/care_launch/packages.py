# SPDX-License-Identifier: Apache-2.0
"""Finds packages and their executables through the ament index."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from care_launch.errors import LaunchError, Place


def package_prefix(package: str, environment: Mapping[str, str], place: Place) -> Path:
    """Return the install prefix of a package.

    Raises:
        LaunchError: No prefix of AMENT_PREFIX_PATH has it.
    """
    prefixes = [p for p in environment.get('AMENT_PREFIX_PATH', '').split(os.pathsep) if p]
    for prefix in prefixes:
        if (Path(prefix) / 'share/ament_index/resource_index/packages' / package).is_file():
            return Path(prefix)
    searched = ', '.join(prefixes) or 'nothing, AMENT_PREFIX_PATH is empty'
    raise LaunchError(
        f'Package "{package}" is not installed (searched: {searched}).',
        'Build it, or source the workspace that has it.',
        place,
    )


def package_share(package: str, environment: Mapping[str, str], place: Place) -> Path:
    """Return the share folder of a package; errors as `package_prefix`."""
    return package_prefix(package, environment, place) / 'share' / package


def package_executable(
    package: str, executable: str, environment: Mapping[str, str], place: Place
) -> Path:
    """Return the path of an executable of a package.

    Raises:
        LaunchError: The package is not installed, or has no such executable.
    """
    folder = package_prefix(package, environment, place) / 'lib' / package
    path = folder / executable
    if path.is_file() and os.access(path, os.X_OK):
        return path
    has = sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []
    raise LaunchError(
        f'Package "{package}" has no executable "{executable}" in {folder}.',
        f'It has: {", ".join(has) or "none"}.',
        place,
    )
