# SPDX-License-Identifier: Apache-2.0
"""What the machine itself must bring: all that is missing is named at once, with one apt line."""

import importlib.util
import platform
import shutil
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from care_cli.errors import CareError

NEEDED_DISK_MIB = 3000


@dataclass(frozen=True)
class Part:
    """Something of the system: how to see it, why it is needed, which package brings it."""

    name: str
    reason: str
    package: str
    present: Callable[[], bool]


def _command(name: str) -> Callable[[], bool]:
    return lambda: shutil.which(name) is not None


def _header(name: str) -> Callable[[], bool]:
    return lambda: (Path('/usr/include') / name).is_file()


def _venv_works() -> bool:
    return all(importlib.util.find_spec(name) is not None for name in ('venv', 'ensurepip'))


def _headers_there() -> bool:
    return (Path(sysconfig.get_path('include')) / 'Python.h').is_file()


def _python_package(suffix: str) -> str:
    """Name the apt package that belongs to the running Python, not to the system's default one."""
    return f'python{sys.version_info.major}.{sys.version_info.minor}-{suffix}'


BUILD_PARTS = (
    Part('venv', 'makes the Python environment', _python_package('venv'), _venv_works),
    Part('Python.h', 'builds the messages for Python', _python_package('dev'), _headers_there),
    Part('g++', 'builds the messages', 'g++', _command('g++')),
    Part('make', 'builds the messages', 'make', _command('make')),
    Part('cmake', 'builds the messages', 'cmake', _command('cmake')),
)
TEST_PARTS = (
    Part('chromium', 'opens the pages in the browser tests', 'chromium', _command('chromium')),
    Part('gtest', 'runs the C++ tests', 'libgtest-dev', _header('gtest/gtest.h')),
    Part('gmock', 'runs the C++ tests', 'libgmock-dev', _header('gmock/gmock.h')),
    Part('clang-format', 'checks the format of C++', 'clang-format', _command('clang-format')),
)


def missing(parts: tuple[Part, ...]) -> list[Part]:
    """List the parts this machine lacks."""
    return [part for part in parts if not part.present()]


def packages(parts: list[Part]) -> list[str]:
    """List the packages that bring these parts, each once."""
    return list(dict.fromkeys(part.package for part in parts))


def apt_line(parts: list[Part]) -> str:
    """Return the one command that brings all these parts."""
    return ' '.join(['sudo apt-get install -y', *packages(parts)])


def require(parts: tuple[Part, ...] = BUILD_PARTS) -> None:
    """Raise CareError naming every missing part at once; also on a machine without wheels."""
    if platform.system() != 'Linux' or platform.machine() not in ('x86_64', 'aarch64'):
        machine = f'{platform.system()} {platform.machine()}'
        raise CareError(f'Nightingale runs on 64-bit Linux, this is {machine}')
    lacking = missing(parts)
    if lacking:
        names = '\n'.join(f'  {part.name}: {part.reason}' for part in lacking)
        raise CareError(f'this machine lacks\n{names}', cure=apt_line(lacking))


def require_wheels_platform() -> None:
    """Raise CareError where ROS 2 wheels do not exist."""
    if platform.machine() != 'x86_64':
        raise CareError(
            f'there are no ROS 2 wheels for {platform.machine()}',
            cure='install ROS 2 Jazzy and source it: . /opt/ros/jazzy/setup.bash',
        )
