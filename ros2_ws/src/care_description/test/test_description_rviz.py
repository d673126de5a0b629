# SPDX-License-Identifier: Apache-2.0
"""Every display of the RViz view finds its topic, with its type and a QoS that connects."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from care_node import graph, qos
from rclpy.qos import DurabilityPolicy, ReliabilityPolicy

VIEW = Path(__file__).resolve().parents[1] / 'rviz/care.rviz'
TYPES = {
    'RobotModel': 'std_msgs/msg/String',
    'Odometry': 'nav_msgs/msg/Odometry',
    'MarkerArray': 'visualization_msgs/msg/MarkerArray',
    'Image': 'sensor_msgs/msg/Image',
    'LaserScan': 'sensor_msgs/msg/LaserScan',
}


def _displays() -> list[tuple[str, dict[str, Any]]]:
    manager = yaml.safe_load(VIEW.read_text())['Visualization Manager']
    found = []
    for display in manager['Displays']:
        topic = display.get('Topic') or display.get('Description Topic')
        if topic:
            found.append((display['Class'].split('/')[-1], topic))
    return found


@pytest.mark.parametrize(('kind', 'topic'), _displays(), ids=lambda d: str(d)[:40])
def test_a_display_finds_its_topic_type_and_qos(kind: str, topic: dict[str, Any]) -> None:
    rows = {f'/robot_1/{t.name}': t for t in graph.TOPICS if t.scope == 'robot'}
    row = rows[topic['Value']]
    assert row.type == TYPES[kind]
    offered = qos.NAMES[row.qos]
    if topic['Reliability Policy'] == 'Reliable':
        assert offered.reliability == ReliabilityPolicy.RELIABLE
    if topic['Durability Policy'] == 'Transient Local':
        assert offered.durability == DurabilityPolicy.TRANSIENT_LOCAL


def test_the_view_shows_the_robot_the_beds_and_the_camera() -> None:
    assert {'RobotModel', 'MarkerArray', 'Image'} <= {kind for kind, _ in _displays()}
