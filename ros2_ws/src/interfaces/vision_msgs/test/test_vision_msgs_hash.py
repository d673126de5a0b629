# SPDX-License-Identifier: Apache-2.0
"""The messages are the ones that ROS tools know: same names, same type hashes."""

import pytest

#: Of the messages of vision_msgs 4.1 (Jazzy), computed from its own files; the hash of an array
#: covers all the messages inside it.
UPSTREAM_HASHES = {
    'Detection2DArray': '214274120007f4a683866481336b70310268cfa107aebe9d594a6acf75bda968',
    'Detection2D': '0d12b69df5c593b3455b7346fac8205437a7d4bcb09b9e0e0b2dde787ded38ea',
    'BoundingBox2D': '008eacbb0cf8f26e83795547bed013eec3675485ef386ec056d80eaaf1c1ce2f',
    'ObjectHypothesis': '51da43cec11c01957a64d1e05a24acd18aae7745ec30b74348ad5f6d634f7f90',
    'ObjectHypothesisWithPose': '41c12344c0396c48b81df12467c192d99b2a0eb1463c5c37194e4223251c80bc',
    'Pose2D': 'b0b5d1d7b4c20dd4fcde3ed1d4b289a919290572007d67a97043814db25d3648',
    'Point2D': 'eab0e83f44ab4de92ceaf76dd7d0e7638f2bdd1d16ffbe16c7a136c48e407247',
}


@pytest.mark.parametrize('name', UPSTREAM_HASHES)
def test_type_hash_is_the_one_of_upstream_vision_msgs(name: str) -> None:
    messages = pytest.importorskip('vision_msgs.msg', reason='vision_msgs is not built')
    rclpy = pytest.importorskip('rclpy')
    if not rclpy.ok():
        rclpy.init()
    node = rclpy.create_node('hash_reader')
    try:
        node.create_publisher(getattr(messages, name), 'vision_hash', 1)
        (end,) = node.get_publishers_info_by_topic('/vision_hash')
        assert str(end.topic_type_hash) == f'RIHS01_{UPSTREAM_HASHES[name]}'
    finally:
        node.destroy_node()
