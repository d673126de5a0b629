# SPDX-License-Identifier: Apache-2.0
"""Joints of a URDF and the transforms that they make, without ROS.

Source: URDF specification, http://wiki.ros.org/urdf/XML/joint; rotations as in REP-103 (fixed axes
roll, pitch, yaw; quaternions x, y, z, w).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from xml.etree import ElementTree

from care_node.transforms import Pose, Quaternion, Vector, multiply

MOVABLE = ('revolute', 'continuous', 'prismatic')


class ModelError(ValueError):
    """The description is not a usable URDF."""


@dataclass(frozen=True)
class Joint:
    """One joint.

    Attributes:
        kind: fixed, revolute, continuous or prismatic.
        axis: Unit vector in the joint's own frame.
        lower: Lower limit, [rad] or [m]; -inf for none.
        upper: Upper limit, [rad] or [m]; inf for none.
        velocity: Velocity limit, [rad/s] or [m/s]; inf for none.
    """

    name: str
    kind: str
    parent: str
    child: str
    translation: Vector
    rotation: Quaternion
    axis: Vector
    lower: float
    upper: float
    velocity: float

    def pose(self, position: float = 0.0) -> Pose:
        """Return the child's pose in the parent at a joint position [rad] or [m]."""
        at_zero = Pose(self.translation, self.rotation)
        if self.kind == 'prismatic':
            return at_zero.then(Pose(_scale(self.axis, position)))
        return at_zero.then(Pose(rotation=about_axis(self.axis, position)))


def parse(urdf: str) -> dict[str, Joint]:
    """Return all joints of a URDF by name.

    Raises:
        ModelError: Not XML, no joints, an unknown joint kind, or a link with two parents.
    """
    try:
        robot = ElementTree.fromstring(urdf)
    except ElementTree.ParseError as error:
        raise ModelError(f'the robot description is not XML: {error}') from error
    joints = {joint.name: joint for joint in map(_joint, robot.findall('joint'))}
    children = [joint.child for joint in joints.values()]
    twice = {child for child in children if children.count(child) > 1}
    if not joints or twice:
        raise ModelError(
            f'links with two parents: {sorted(twice)}' if twice else 'the robot has no joints'
        )
    return joints


def _joint(element: ElementTree.Element) -> Joint:
    name, kind = element.get('name', ''), element.get('type', '')
    if kind not in (*MOVABLE, 'fixed'):
        raise ModelError(f'joint {name!r} is of kind {kind!r}; known are fixed and {MOVABLE}')
    origin, limit = element.find('origin'), element.find('limit')
    endless = kind in ('continuous', 'fixed')
    return Joint(
        name=name,
        kind=kind,
        parent=_link(element, 'parent'),
        child=_link(element, 'child'),
        translation=_vector(origin, 'xyz', (0.0, 0.0, 0.0)),
        rotation=from_rpy(*_vector(origin, 'rpy', (0.0, 0.0, 0.0))),
        axis=_unit(_vector(element.find('axis'), 'xyz', (1.0, 0.0, 0.0))),
        lower=-math.inf if endless else _number(limit, 'lower', 0.0),
        upper=math.inf if endless else _number(limit, 'upper', 0.0),
        velocity=_number(limit, 'velocity', math.inf),
    )


def _link(joint: ElementTree.Element, tag: str) -> str:
    element = joint.find(tag)
    if element is None or not element.get('link'):
        raise ModelError(f'joint {joint.get("name")!r} has no <{tag} link="..."/>')
    return str(element.get('link'))


def _vector(element: ElementTree.Element | None, attribute: str, default: Vector) -> Vector:
    text = None if element is None else element.get(attribute)
    if text is None:
        return default
    x, y, z = (float(word) for word in text.split())
    return (x, y, z)


def _number(element: ElementTree.Element | None, attribute: str, default: float) -> float:
    text = None if element is None else element.get(attribute)
    return default if text is None else float(text)


def from_rpy(roll: float, pitch: float, yaw: float) -> Quaternion:
    """Return the quaternion of rotations about the fixed axes x, y, z in this order [rad]."""
    about_x = about_axis((1.0, 0.0, 0.0), roll)
    about_y = about_axis((0.0, 1.0, 0.0), pitch)
    about_z = about_axis((0.0, 0.0, 1.0), yaw)
    return multiply(about_z, multiply(about_y, about_x))


def about_axis(axis: Vector, angle: float) -> Quaternion:
    """Return the quaternion of a rotation about a unit axis by an angle [rad]."""
    half = math.sin(angle / 2)
    return (axis[0] * half, axis[1] * half, axis[2] * half, math.cos(angle / 2))


def _unit(v: Vector) -> Vector:
    length = math.hypot(*v)
    if length == 0.0:
        raise ModelError('a joint axis has length zero')
    return _scale(v, 1 / length)


def _scale(v: Vector, factor: float) -> Vector:
    return (v[0] * factor, v[1] * factor, v[2] * factor)
