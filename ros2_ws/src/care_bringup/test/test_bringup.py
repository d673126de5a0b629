# SPDX-License-Identifier: Apache-2.0
"""The launch files and parameters agree with each other and with what the nodes declare."""

import importlib
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from care_description.robot_model import parse
from care_launch.evaluate import evaluate
from care_launch.plan import Plan, Process
from care_node.parameters import WARD_PARAMETERS, Parameter

REPOSITORY = Path(__file__).resolve().parents[4]
PARAMS = REPOSITORY / 'params'
WARD = {
    'alarms': 'care_alarms',
    'vitals': 'care_vitals',
    'recording': 'care_sensors',
    'patient_simulator': 'care_sim',
    'tablet': 'care_tablet',
    'supervisor': 'care_supervisor',
}
#: Without control: its parameters are declared in C++, and checked by it at every start.
ROBOT = {
    'tasks': 'care_tasks',
    'peripherals': 'care_peripherals',
    'state_publisher': 'care_description',
    'markers': 'care_description',
    'camera': 'care_sensors',
    'vision': 'care_vision',
}
NODES = WARD | ROBOT
EXECUTABLES = NODES | {'control': 'care_control'}
#: Nodes that need no values beside those of the ward.
WITHOUT_FILE = ('state_publisher', 'markers')
MODULES = {
    'camera': 'care_sensors.camera_node',
    'state_publisher': 'care_description.state_publisher_node',
    'markers': 'care_description.markers_node',
}


@pytest.fixture
def launch(tmp_path: Path) -> Callable[..., Plan]:
    """Return a function that evaluates care.launch.xml as if all packages were built."""
    index = tmp_path / 'share/ament_index/resource_index/packages'
    index.mkdir(parents=True)
    for name, package in EXECUTABLES.items():
        (index / package).touch()
        executable = tmp_path / 'lib' / package / f'{name}_node'
        executable.parent.mkdir(parents=True, exist_ok=True)
        executable.touch(mode=0o755)
    description = tmp_path / 'share/care_description'
    description.mkdir(parents=True)
    (description / 'urdf').symlink_to(REPOSITORY / 'urdf')

    def launch_with(**arguments: str) -> Plan:
        environment = {'AMENT_PREFIX_PATH': str(tmp_path), 'PATH': os.environ['PATH']}
        return evaluate(REPOSITORY / 'launch/care.launch.xml', arguments, environment)

    return launch_with


@pytest.fixture
def everything(launch: Callable[..., Plan]) -> dict[str, Process]:
    plan = launch(records="['1=/data/100']", sim_beds='[2, 3]', camera='/data', model='/m.onnx')
    return {str(p.name): p for p in plan.processes}


def declared(node: str) -> dict[str, Parameter]:
    module = importlib.import_module(MODULES.get(node, f'{NODES[node]}.node'))
    own = getattr(module, 'PARAMETERS', ())
    return {p.name: p for p in [*WARD_PARAMETERS, *own]}


def in_file(path: str | Path) -> dict[str, Any]:
    (body,) = yaml.safe_load(Path(path).read_text()).values()
    return dict(body['ros__parameters'])


def given(process: Process) -> dict[str, Any]:
    """Return all values that a node is started with."""
    values: dict[str, Any] = {}
    for entry in process.parameters:
        values |= entry if isinstance(entry, dict) else in_file(entry)
    return values


def test_every_node_is_launched(everything):
    assert everything.keys() == EXECUTABLES.keys()
    for name, process in everything.items():
        assert (process.package, process.executable) == (EXECUTABLES[name], f'{name}_node')


@pytest.mark.parametrize('node', NODES)
def test_every_declared_parameter_is_given_and_no_other(everything, node):
    # Names shared by the ward stand in one file for all; a node declares those that it uses.
    ward = in_file(PARAMS / 'ward.yaml').keys() - declared(node).keys()
    shared = {p.name for p in WARD_PARAMETERS}
    assert given(everything[node]).keys() - ward | shared == declared(node).keys()


@pytest.mark.parametrize('node', NODES)
def test_every_value_is_of_the_declared_type_and_range(everything, node):
    known = declared(node)
    for name, value in given(everything[node]).items():
        if name in known:
            known[name].checked(value)


@pytest.mark.parametrize('node', [n for n in EXECUTABLES if n not in WITHOUT_FILE])
def test_file_of_a_node_is_for_that_node_and_sets_nothing_that_launch_sets(everything, node):
    path = PARAMS / f'{node}.yaml'
    assert list(yaml.safe_load(path.read_text())) == [f'/**/{node}']
    launched: set[str] = set()
    for entry in everything[node].parameters:
        launched |= entry.keys() if isinstance(entry, dict) else set()
    assert not launched & in_file(path).keys()


@pytest.mark.parametrize('node', [*(n for n in NODES if n not in WITHOUT_FILE), 'ward'])
def test_every_value_has_a_comment_with_its_unit(node):
    units = {p.name: p.unit for p in WARD_PARAMETERS}
    if node != 'ward':
        units = {name: p.unit for name, p in declared(node).items()}
    lines = (PARAMS / f'{node}.yaml').read_text().splitlines()
    comment = ''
    for line in lines[lines.index('  ros__parameters:') + 1 :]:
        if line.lstrip().startswith('#'):
            comment += line
            continue
        name = line.split(':')[0].strip()
        assert comment, f'{name} has no comment'
        assert units[name] in ('', '1') or f'[{units[name]}]' in comment, name
        comment = ''


def test_no_file_of_parameters_is_left_over():
    assert {p.stem for p in PARAMS.glob('*.yaml')} == {*EXECUTABLES, 'ward'} - {*WITHOUT_FILE}


def test_beds_of_the_launch_file_are_those_of_the_ward_file(launch):
    (beds,) = {str(given(p)['beds']) for p in launch().processes if 'beds' in given(p)}
    assert beds == str(in_file(PARAMS / 'ward.yaml')['beds'])


def test_every_node_comes_back_and_ends_in_time(everything):
    for process in everything.values():
        assert process.respawn_delay == 1.0
        assert (process.sigterm_timeout, process.sigkill_timeout) == (2.0, 1.0)
        assert process.output == 'screen'
        assert not process.required


def test_ward_and_robot_are_named_by_the_launch(launch):
    for process in launch(ward='icu', robot='r2', log_level='warn').processes:
        assert process.namespace == ('/icu' if process.name in WARD else '/r2')
        if process.name in NODES:
            assert (given(process)['ward'], given(process)['robot']) == ('icu', 'r2')
        assert '--log-level warn' in ' '.join(process.argv)


@pytest.mark.parametrize(
    ('arguments', 'sources'),
    [
        ({}, {'patient_simulator'}),
        ({'sim_beds': ''}, set()),
        ({'sim_beds': '[]'}, set()),
        ({'records': "['1=/x']"}, {'recording'}),
        ({'records': "['1=/x y']", 'sim_beds': '[2]'}, {'recording', 'patient_simulator'}),
        ({'records': "['1=/x']", 'sim_beds': '[]'}, {'recording'}),
    ],
)
def test_only_the_sources_that_have_something_to_do_are_started_and_expected(
    launch, arguments, sources
):
    processes = {p.name: p for p in launch(with_robot='false', **arguments).processes}
    assert processes.keys() == {'alarms', 'vitals', 'tablet', 'supervisor'} | sources
    expected = given(processes['supervisor'])['expected']
    assert set(expected) == processes.keys() - {'supervisor'}
    shown = given(processes['tablet'])['expected_nodes']
    assert set(shown) == processes.keys() - {'tablet'}


def test_supervisor_knows_the_place_of_every_node(everything):
    order = given(everything['supervisor'])['order']
    assert {name.rsplit('/')[-1] for name in order} == everything.keys() - {'supervisor'}
    assert order[0] == 'alarms'
    assert {'/robot_1/control', '/robot_1/tasks'} <= set(order)


def test_arguments_reach_their_nodes(launch):
    processes = {
        p.name: given(p)
        for p in launch(
            records="['1=/a b', '2=/c']", sim_beds='[3]', scenario='quiet', speed='2', port='9000',
            beds='[1, 2, 3]', admit='[1]', state_dir='/var/x', demo_pin_file='/run/pin',
        ).processes
    }  # fmt: skip
    assert processes['recording']['records'] == ['1=/a b', '2=/c']
    assert processes['recording']['speed'] == 2.0
    simulator = processes['patient_simulator']
    assert (simulator['beds_to_simulate'], simulator['scenario']) == ([3], 'quiet')
    assert simulator['speed'] == 2.0
    assert processes['alarms']['admit_on_first_start'] == [1]
    assert processes['tablet']['port'] == 9000
    assert processes['tablet']['demo_pin_file'] == '/run/pin'
    assert {v['state_dir'] for v in processes.values() if 'state_dir' in v} == {'/var/x'}
    assert {tuple(v['beds']) for v in processes.values() if 'beds' in v} == {(1, 2, 3)}
    required = processes['control']['required_heartbeats']
    assert required == ['tasks', 'peripherals', '/ward/tablet', '/ward/supervisor']


def test_a_camera_is_started_only_where_one_is_given(launch):
    without = {p.name for p in launch().processes}
    assert not {'camera', 'vision'} & without
    processes = {p.name: given(p) for p in launch(camera='/pictures', model='/m.onnx').processes}
    assert processes['camera']['source'] == processes['vision']['source'] == '/pictures'
    assert processes['vision']['model'] == '/m.onnx'
    assert {'camera', 'vision'} <= set(processes['tablet']['expected_nodes'])


def test_joint_limits_of_control_are_those_of_the_robot_model(launch):
    robot = next(p for p in launch().processes if p.name == 'state_publisher')
    joints = parse(given(robot)['robot_description'])
    limits = in_file(PARAMS / 'control.yaml')
    for name, lower, upper, velocity in zip(
        limits['joint_names'], limits['joint_lower'], limits['joint_upper'],
        limits['joint_velocity'], strict=True,
    ):  # fmt: skip
        joint = joints[name]
        assert (joint.lower, joint.upper, joint.velocity) == (lower, upper, velocity)


def test_every_argument_has_a_description_and_a_default(launch):
    for argument in launch().arguments.values():
        assert argument.description != 'no description given', argument
        if argument.place.file.endswith('care.launch.xml'):
            assert argument.default is not None, argument


def test_package_installs_launch_files_and_parameters_from_the_top():
    text = (REPOSITORY / 'ros2_ws/src/care_bringup/CMakeLists.txt').read_text()
    assert re.search(r'DIRECTORY \$\{repository\}/launch \$\{repository\}/params', text)
    assert (REPOSITORY / 'ros2_ws/src/care_bringup/../../../launch/care.launch.xml').is_file()
