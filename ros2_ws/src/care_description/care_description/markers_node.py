# SPDX-License-Identifier: Apache-2.0
"""Draws beds, alarms and persons for RViz."""

from __future__ import annotations

from typing import Any

from care_msgs.msg import Alarm, AlarmList, PersonArray
from care_node import graph
from care_node.errors import ConfigurationError
from care_node.node import CareNode, run
from rclpy.duration import Duration
from visualization_msgs.msg import Marker, MarkerArray

from care_description.scene import BedAlarm, Shape, bed_poses, bed_shapes, person_shapes

#: A person not seen any more vanishes from the view.
_PERSON_LIFETIME = Duration(seconds=2)
_KINDS = {'box': Marker.CUBE, 'cylinder': Marker.CYLINDER, 'text': Marker.TEXT_VIEW_FACING}
_STANDING = (Alarm.ACTIVE, Alarm.ACKNOWLEDGED, Alarm.LATCHED)


class MarkersNode(CareNode):
    """Thin node around scene."""

    scope: graph.Scope = 'robot'

    def __init__(self, **kwargs: Any) -> None:
        super().__init__('markers', **kwargs)

    def configure(self) -> None:
        """Learn where the beds are."""
        try:
            self._beds = bed_poses(self.value('bed_poses'), self.value('beds'))
        except ValueError as error:
            raise ConfigurationError(f'{error}.', 'Correct params/ward.yaml.') from error
        self._alarms: dict[int, BedAlarm] = {}
        self._out = self.advertise(graph.MARKERS)
        self.listen(graph.ALARMS, self._take_alarms)
        self.listen(graph.PERSONS, self._take_persons)

    def activate(self) -> None:
        """Draw the beds at once."""
        self._publish(bed_shapes(self._beds, self._alarms))

    def _take_alarms(self, message: AlarmList) -> None:
        highest: dict[int, BedAlarm] = {}
        for alarm in message.alarms:
            if alarm.state in _STANDING and alarm.bed not in highest:
                highest[alarm.bed] = BedAlarm(alarm.priority, alarm.text)
        if highest != self._alarms:
            self._alarms = highest
            self._publish(bed_shapes(self._beds, highest))

    def _take_persons(self, message: PersonArray) -> None:
        seen = [(p.position.x, p.position.y, 0.0) for p in message.persons if p.position_known]
        if seen:
            self._publish(person_shapes(seen), _PERSON_LIFETIME)

    def _publish(self, shapes: list[Shape], lifetime: Duration | None = None) -> None:
        self._out.publish(MarkerArray(markers=[self._marker(s, lifetime) for s in shapes]))

    def _marker(self, shape: Shape, lifetime: Duration | None) -> Marker:
        marker = Marker(
            ns=shape.group, id=shape.number, type=_KINDS[shape.kind], action=Marker.ADD,
            text=shape.text,
        )  # fmt: skip
        marker.header.frame_id = 'map'
        marker.header.stamp = self.stamp()
        where, turn = marker.pose.position, marker.pose.orientation
        where.x, where.y, where.z = shape.pose.translation
        turn.x, turn.y, turn.z, turn.w = shape.pose.rotation
        marker.scale.x, marker.scale.y, marker.scale.z = shape.size
        marker.color.r, marker.color.g, marker.color.b, marker.color.a = shape.colour
        if lifetime is not None:
            marker.lifetime = lifetime.to_msg()
        return marker


def main() -> None:
    """Run the node."""
    run(MarkersNode)


if __name__ == '__main__':
    main()
