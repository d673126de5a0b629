# SPDX-License-Identifier: Apache-2.0
"""TFMessage is the one that ROS tools know: same name, same type hash."""

import pytest

#: Of tf2_msgs/msg/TFMessage in Iron and later, as RViz and every tf listener announce it.
UPSTREAM_HASH = 'RIHS01_e369d0f05a23ae52508854b66f6aa0437f3449d652e8cbf22d5abe85d020f087'


def test_type_hash_is_the_one_of_upstream_tf2_msgs() -> None:
    message = pytest.importorskip('tf2_msgs.msg', reason='tf2_msgs is not built')
    rclpy = pytest.importorskip('rclpy')
    if not rclpy.ok():
        rclpy.init()
    node = rclpy.create_node('hash_reader')
    try:
        node.create_publisher(message.TFMessage, 'tf_hash', 1)
        (end,) = node.get_publishers_info_by_topic('/tf_hash')
        assert str(end.topic_type_hash) == UPSTREAM_HASH
    finally:
        node.destroy_node()
