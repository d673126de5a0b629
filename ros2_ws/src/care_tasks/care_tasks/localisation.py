# SPDX-License-Identifier: Apache-2.0
"""Where the robot is in the map, from odometry and a place that a person confirmed.

The shift from map to odom belongs to one life of control: when control restarts, odometry begins
anew and the shift is worth nothing until a person confirms the home place.
"""

from __future__ import annotations

import json
from pathlib import Path

from care_node.transforms import Pose, planar

from care_tasks.ward_map import Place


class Localisation:
    """Keeps map -> odom for the present life of control."""

    def __init__(self, home: Place, starts_at_home: bool, file: Path | None) -> None:
        """Begin without knowing.

        Args:
            home: Home place in the map.
            starts_at_home: The robot stands at home when it is switched on.
            file: Where the shift is kept over a restart of this node, None for nowhere.
        """
        self._home = planar(home.x, home.y, home.yaw)
        self._starts_at_home = starts_at_home
        self._file = file
        self._boot: str | None = None
        self.shift = self._home
        self.known = False

    def control_is(self, boot: str) -> bool:
        """Take the id of control's present life; return True when `shift` or `known` changed."""
        if boot == self._boot:
            return False
        first, self._boot = self._boot is None, boot
        kept = self._load(boot) if first else None
        if kept is not None:
            self.shift, self.known = kept, True
        elif first and self._starts_at_home:
            self.shift, self.known = self._home, True
            self._save()
        else:
            self.known = False
        return True

    def confirm_home(self, odometry: Pose) -> None:
        """Take a person's word that the robot stands at its home place now."""
        self.shift = self._home.then(odometry.inverse())
        self.known = True
        self._save()

    def place(self, odometry: Pose) -> Place:
        """Return the place in the map of an odometry pose."""
        pose = self.shift.then(odometry)
        return Place(pose.translation[0], pose.translation[1], pose.yaw())

    def _load(self, boot: str) -> Pose | None:
        if self._file is None or not self._file.exists():
            return None
        try:
            kept = json.loads(self._file.read_text())
            if kept['boot'] != boot:
                return None
            return planar(*(float(kept[key]) for key in ('x', 'y', 'yaw')))
        except (ValueError, KeyError, TypeError):
            return None  # a damaged file is worth as much as none: the place is asked for again

    def _save(self) -> None:
        if self._file is None:
            return
        x, y, _ = self.shift.translation
        text = json.dumps({'boot': self._boot, 'x': x, 'y': y, 'yaw': self.shift.yaw()})
        draft = self._file.with_suffix('.new')
        draft.write_text(text)
        draft.replace(self._file)
