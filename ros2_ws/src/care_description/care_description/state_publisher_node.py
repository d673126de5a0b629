# SPDX-License-Identifier: Apache-2.0
"""Publishes robot_description, the transforms of moving joints and the fixed ones."""

from __future__ import annotations

from typing import Any

from builtin_interfaces.msg import Time
from care_node import graph
from care_node.errors import ConfigurationError
from care_node.node import CareNode, run
from care_node.parameters import Parameter
from geometry_msgs.msg import TransformStamped
from sensor_msgs.msg import JointState
from std_msgs.msg import String
from tf2_msgs.msg import TFMessage

from care_description.robot_model import MOVABLE, Joint, ModelError, parse

PARAMETERS = (
    Parameter('robot_description', '', 'The robot as URDF text'),
    Parameter('frame_prefix', '', 'Put before every frame name, e.g. robot_1/'),
)


class StatePublisherNode(CareNode):
    """Thin node around robot_model."""

    scope: graph.Scope = 'robot'

    def __init__(self, **kwargs: Any) -> None:
        super().__init__('state_publisher', PARAMETERS, **kwargs)

    def configure(self) -> None:
        """Parse the description; refuse what is not a robot."""
        text = self.value('robot_description')
        try:
            self._joints = parse(text)
        except (ModelError, ValueError) as error:
            raise ConfigurationError(
                f'The robot description cannot be used: {error}.',
                'Check urdf/ with `xacro urdf/care_robot.urdf.xacro`.',
            ) from error
        self._description = self.advertise(graph.ROBOT_DESCRIPTION)
        self._fixed = self.advertise(graph.TF_STATIC)
        self._moving = self.advertise(graph.TF)
        self.listen(graph.JOINT_STATES, self._take)

    def activate(self) -> None:
        """Publish once what never changes."""
        self._description.publish(String(data=self.value('robot_description')))
        fixed = [j for j in self._joints.values() if j.kind not in MOVABLE]
        self._fixed.publish(
            TFMessage(transforms=[self._message(j, 0.0, self.stamp()) for j in fixed])
        )

    def _take(self, state: JointState) -> None:
        transforms = []
        for name, position in zip(state.name, state.position, strict=False):
            joint = self._joints.get(name)
            if joint is not None and joint.kind in MOVABLE:
                transforms.append(self._message(joint, position, state.header.stamp))
        if transforms:
            self._moving.publish(TFMessage(transforms=transforms))

    def _message(self, joint: Joint, position: float, stamp: Time) -> TransformStamped:
        prefix, pose = self.value('frame_prefix'), joint.pose(position)
        message = TransformStamped(child_frame_id=prefix + joint.child)
        message.header.stamp = stamp
        message.header.frame_id = prefix + joint.parent
        where, turn = message.transform.translation, message.transform.rotation
        where.x, where.y, where.z = pose.translation
        turn.x, turn.y, turn.z, turn.w = pose.rotation
        return message


def main() -> None:
    """Run the node."""
    run(StatePublisherNode)


if __name__ == '__main__':
    main()
