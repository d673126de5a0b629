# SPDX-License-Identifier: Apache-2.0
"""Where everything of a checkout lies."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_PORT = 8080


@dataclass(frozen=True)
class Layout:
    """The folders of one checkout; `distribution` when a ROS 2 installation is sourced."""

    repo: Path
    state: Path
    distribution: bool = False

    @property
    def venv(self) -> Path:
        """Python environment; one of its own beside a distribution, whose packages it sees."""
        return self.repo / ('.venv-ros' if self.distribution else '.venv')

    @property
    def python(self) -> Path:
        """Interpreter of the environment."""
        return self.venv / 'bin' / 'python'

    @property
    def site_packages(self) -> Path:
        """Where the environment keeps its Python packages."""
        return self.venv / 'lib' / python_folder() / 'site-packages'

    @property
    def workspace(self) -> Path:
        """The colcon workspace: src in it is ours, build, install and log are made."""
        return self.repo / 'ros2_ws'

    @property
    def install(self) -> Path:
        """Merged install space of the workspace."""
        return self.workspace / 'install'

    @property
    def web(self) -> Path:
        """The nurses' pages; dist in it is made."""
        return self.workspace / 'src' / 'care_tablet' / 'web'

    @property
    def requirements(self) -> Path:
        """Lists of what is installed, and their locks."""
        return self.repo / 'requirements'

    @property
    def launch_file(self) -> Path:
        """What ./care up starts."""
        return self.repo / 'launch' / 'care.launch.xml'

    @property
    def logs(self) -> Path:
        """Full output of long steps and of the nodes."""
        return self.state / 'log'


def python_folder() -> str:
    """Return the version part of installation paths, such as python3.11."""
    return f'python{sys.version_info.major}.{sys.version_info.minor}'


def distribution_is_sourced(environ: Mapping[str, str]) -> bool:
    """Say whether a ROS 2 Jazzy installation with `ros2` is sourced in this shell."""
    if environ.get('ROS_DISTRO') != 'jazzy':
        return False
    return any((Path(folder) / 'ros2').is_file() for folder in environ.get('PATH', '').split(':'))


def find_layout(environ: Mapping[str, str] = os.environ) -> Layout:
    """Return the layout of the checkout this file belongs to."""
    repo = Path(__file__).resolve().parents[2]
    state = Path(environ.get('NIGHTINGALE_STATE_DIR') or repo / '.state').expanduser().resolve()
    return Layout(repo, state, distribution_is_sourced(environ))
