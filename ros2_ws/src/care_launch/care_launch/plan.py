# SPDX-License-Identifier: Apache-2.0
"""What a launch file comes to: a flat list of processes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from care_launch.errors import Place


@dataclass(frozen=True)
class Argument:
    """A declared launch argument; a default of None means that it must be given."""

    name: str
    default: str | None
    description: str
    place: Place


@dataclass(frozen=True)
class Process:
    """One process to run.

    Attributes:
        package: ROS package, None for a plain executable.
        executable: Name of the executable as written.
        name: Node name given, or None when the node keeps its own.
        namespace: Absolute ROS namespace; None for a plain executable.
        argv: Command line. A word that is a key of `files` stands for the path of that file.
        files: Parameter files to write before the start: name -> YAML text.
        environment: Whole environment.
        parameters: In order: path of a params file, or {name: value}.
        remaps: (from, to) in order.
        label: Prefix of its output lines.
        respawn_delay: Seconds to wait before it is started again; None: it is not.
        required: Its end ends the launch.
        sigterm_timeout: Seconds after SIGINT until SIGTERM.
        sigkill_timeout: Seconds after SIGTERM until SIGKILL.
        output: 'screen', 'log' or 'both'.
        cwd: Working folder, None for the launcher's.
        place: Where in the launch file.
    """

    package: str | None
    executable: str
    name: str | None
    namespace: str | None
    argv: tuple[str, ...]
    files: dict[str, str]
    environment: dict[str, str]
    parameters: tuple[str | dict[str, Any], ...]
    remaps: tuple[tuple[str, str], ...]
    label: str
    respawn_delay: float | None
    required: bool
    sigterm_timeout: float
    sigkill_timeout: float
    output: str
    cwd: str | None
    place: Place

    def as_json(self, base: dict[str, str]) -> dict[str, Any]:
        """Return the dry-run form; `env` holds what differs from `base`, null for unset."""
        return {
            'package': self.package,
            'executable': self.executable,
            'name': self.name,
            'namespace': self.namespace,
            'argv': list(self.argv),
            'env': _difference(base, self.environment),
            'parameters': list(self.parameters),
            'remaps': [list(pair) for pair in self.remaps],
            'respawn': self.respawn_delay is not None,
        }


@dataclass
class Plan:
    """All processes of a launch file.

    Attributes:
        processes: In the order of their start.
        shutdown: Reason given by a `shutdown` element that was reached; None for none.
        arguments: Launch arguments met on the way.
    """

    processes: list[Process] = field(default_factory=list)
    shutdown: str | None = None
    arguments: dict[str, Argument] = field(default_factory=dict)


def _difference(base: dict[str, str], changed: dict[str, str]) -> dict[str, str | None]:
    found: dict[str, str | None] = {k: v for k, v in changed.items() if base.get(k) != v}
    found.update({k: None for k in base if k not in changed})
    return dict(sorted(found.items()))
