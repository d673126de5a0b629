# SPDX-License-Identifier: Apache-2.0
"""Which overrides are a node's own, and which are shared."""

from pathlib import Path

import pytest
from care_node.errors import ConfigurationError
from care_node.parameters import own_overrides, refuse_unknown

FILE = """
/**:
  ros__parameters: {beds: [1], other_node_needs: 1}
/ward/echo:
  ros__parameters: {speed: 2.0, filter: {order: 2}}
other:
  ros__parameters: {foreign: 1}
"""


def test_keys_for_all_nodes_are_not_a_nodes_own(tmp_path: Path) -> None:
    file = tmp_path / 'p.yaml'
    file.write_text(FILE)
    argv = ['node', '--ros-args', '--params-file', str(file), '-p', 'echo:gain:=2']
    assert own_overrides(argv, 'echo', '/ward') == {'speed', 'filter.order', 'gain'}


def test_a_key_without_namespace_means_the_node_in_any_namespace(tmp_path: Path) -> None:
    file = tmp_path / 'p.yaml'
    file.write_text(FILE)
    argv = ['node', '--ros-args', '--params-file', str(file)]
    assert own_overrides(argv, 'other', '/ward/deep') == {'foreign'}


def test_what_ros_sets_itself_is_never_refused() -> None:
    refuse_unknown(['speed'], ['use_sim_time', 'qos_overrides./tf.depth', 'speed'], '/n')


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ConfigurationError, match='no parameter "x"'):
        refuse_unknown(['speed'], ['x'], '/n')
