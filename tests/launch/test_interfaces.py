# SPDX-License-Identifier: Apache-2.0
"""The table of record equals the code, and the code equals the running graph."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from care_node import graph, qos
from care_node.interface_table import page
from care_node.testing import Probe, probing
from rclpy.qos import QoSProfile
from ward_stack import REPOSITORY, Stack, running_stack, wait_for

#: What every ROS node has.
_ROS_OWN = ('/rosout', '/parameter_events', '/clock')


@pytest.fixture(scope='module')
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp('graph')) as running:
        yield running


@pytest.fixture(scope='module')
def probe(stack: Stack) -> Iterator[Probe]:
    with probing('/observer') as made:
        seen: set[str] = set()
        made.node.create_subscription(
            graph.load_type(graph.HEARTBEAT.type),
            '/ward/heartbeat',
            lambda beat: seen.add(beat.node) if beat.state == beat.ACTIVE else None,
            qos.NAMES['periodic'],
        )
        expected = {f'/ward/{n}' for n in ('alarms', 'vitals', 'tablet', 'patient_simulator')}
        wait_for(lambda: expected <= seen, 90, lambda: f'all nodes ACTIVE, seen {seen}')
        yield made


def _row_of(name: str) -> graph.Topic | None:
    """Return the row of the table that a running topic belongs to."""
    parts = name.split('/')
    for topic in graph.TOPICS:
        head = {'ward': '/ward/', 'robot': '/robot_1/', 'global': ''}[topic.scope]
        pattern = (head + topic.name).split('/')
        if len(pattern) == len(parts) and all(
            p == w or (p == 'bed_{bed}' and w.startswith('bed_'))
            for p, w in zip(pattern, parts, strict=True)
        ):
            return topic
    return None


def _same(offered: QoSProfile, named: QoSProfile) -> bool:
    return (offered.reliability, offered.durability) == (named.reliability, named.durability)


def test_the_page_of_interfaces_is_what_the_code_says() -> None:
    written = Path(REPOSITORY / 'docs/interfaces.md').read_text()
    assert written == page(REPOSITORY / 'ros2_ws/src/care_msgs'), 'generate it again'


def test_every_running_topic_stands_in_the_table_with_its_type_and_qos(probe: Probe) -> None:
    wrong = []
    for name, types in probe.node.get_topic_names_and_types():
        if name in _ROS_OWN or name.endswith('/transition_event') or '/_action/' in name:
            continue
        # A single robot's transforms are remapped to where every ROS tool looks for them.
        row = _row_of('/robot_1' + name if name in ('/tf', '/tf_static') else name)
        if row is None or types != [row.type]:
            wrong.append(f'{name} {types}')
            continue
        ends = probe.node.get_publishers_info_by_topic(name)
        ends += probe.node.get_subscriptions_info_by_topic(name)
        for end in ends:
            if end.node_name != 'probe' and not _same(end.qos_profile, qos.NAMES[row.qos]):
                wrong.append(f'{name} {end.node_name} {end.qos_profile}')
    assert not wrong


def test_every_publisher_and_reader_named_in_the_table_is_there(probe: Probe) -> None:
    # A node is discovered before its topics are.
    wait_for(lambda: not _missing(probe), 30, lambda: f'the whole graph; missing {_missing(probe)}')


def _missing(probe: Probe) -> list[str]:
    running = set(probe.node.get_node_names())
    missing = []
    for topic in graph.TOPICS:
        if topic.scope != 'ward' or topic in (graph.EARLY_WARNING, graph.MEASUREMENT):
            continue  # sent by parts of the ward that come with their own devices
        name = '/ward/' + topic.name.format(bed=1)
        publishers = {e.node_name for e in probe.node.get_publishers_info_by_topic(name)}
        readers = {e.node_name for e in probe.node.get_subscriptions_info_by_topic(name)}
        missing += [f'{n} -> {name}' for n in (set(topic.publishers) & running) - publishers]
        missing += [f'{name} -> {n}' for n in (set(topic.subscribers) & running) - readers]
    return missing


def test_every_ward_service_is_served_with_its_type(probe: Probe) -> None:
    wanted = {f'/ward/{s.name}': [s.type] for s in graph.SERVICES if s.scope == 'ward'}

    def served() -> dict[str, list[str]]:
        found = dict(probe.node.get_service_names_and_types())
        return {name: found.get(name, []) for name in wanted}

    wait_for(lambda: served() == wanted, 30, lambda: f'{wanted}, but there is {served()}')
