# SPDX-License-Identifier: Apache-2.0
"""What care_launch makes of a file is what launch and launch_ros make of it.

Runs where launch_xml and launch_ros are installed (a ROS 2 distribution). Nothing is started: the
moment at which upstream would start a process is replaced by a note of what it would start.
"""

import importlib.util
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from care_launch.errors import LaunchError
from care_launch.evaluate import evaluate
from care_launch.plan import Process

MISSING = [n for n in ('launch', 'launch_xml', 'launch_ros') if not importlib.util.find_spec(n)]
pytestmark = pytest.mark.skipif(
    bool(MISSING), reason=f'upstream {", ".join(MISSING)} not installed: nothing to compare with'
)
REPOSITORY = Path(__file__).resolve().parents[4]


@dataclass
class Started:
    """A process as it would be started; parameter files stand as their content."""

    label: str
    words: list[Any]
    environment: Mapping[str, str]
    respawn: bool


def by_upstream(path: Path, arguments: Mapping[str, str], monkeypatch: Any) -> list[Started]:
    """Return what upstream would start.

    Raises:
        LaunchError: Upstream refuses the file.
    """
    from launch.actions import ExecuteLocal, IncludeLaunchDescription
    from launch.launch_description_sources import AnyLaunchDescriptionSource

    from launch import LaunchDescription, LaunchService

    started: list[Started] = []
    inside = '_ExecuteLocal__'

    async def note(action: Any, _context: Any) -> None:
        details = getattr(action, inside + 'process_event_args')
        respawn = getattr(action, inside + 'respawn')
        words = with_content(details['cmd'], lambda name: Path(name).read_text())
        started.append(Started(details['name'], words, details['env'], bool(respawn)))
        getattr(action, inside + 'cleanup')()

    monkeypatch.setattr(ExecuteLocal, inside + 'execute_process', note)
    monkeypatch.setattr('launch.descriptions.executable._executable_process_counter', 0)
    service = LaunchService(noninteractive=True)
    source = AnyLaunchDescriptionSource(str(path))
    include = IncludeLaunchDescription(source, launch_arguments=list(arguments.items()))
    service.include_launch_description(LaunchDescription([include]))
    if service.run() != 0:
        raise LaunchError('Upstream refuses it.', 'See its log.')
    return started


def by_us(path: Path, arguments: Mapping[str, str]) -> list[Started]:
    return [started(p) for p in evaluate(path, arguments, dict(os.environ)).processes]


def started(process: Process) -> Started:
    words = with_content(process.argv, lambda name: process.files.get(name, name))
    respawn = process.respawn_delay is not None
    return Started(process.label, words, process.environment, respawn)


def with_content(words: Any, read: Callable[[str], str]) -> list[Any]:
    """Return words with temporary parameter files replaced by what they hold."""
    return [yaml.safe_load(read(w)) if 'launch_params_' in w else w for w in words]


@pytest.fixture
def compare(environment, monkeypatch, tmp_path):
    """Return a function that asserts that both start the same."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value + (os.pathsep + os.environ.get(name, '')))
    monkeypatch.setenv('WARD_NAME', 'west')
    monkeypatch.setenv('ROS_LOG_DIR', str(tmp_path / 'log'))
    for name in list(os.environ):
        monkeypatch.setenv(name, os.environ[name])

    def check(path: Path, **arguments: str) -> list[Started]:
        ours, theirs = by_us(path, arguments), by_upstream(path, arguments, monkeypatch)
        assert ours == theirs
        return ours

    return check


NODE = '<node pkg="demo" exec="talker" name="t" namespace="n"'
BODIES = {
    'argument': '<arg name="a" default="$(env WARD_NAME)"/><executable cmd="echo $(var a)"/>',
    'let': '<let name="a" value="1"/><let name="a" value="$(var a)2"/>'
    '<executable cmd="echo $(var a)"/>',
    'conditions': '<executable cmd="echo 1" if="$(equals a a)"/>'
    '<executable cmd="echo 2" unless="$(equals a a)"/>'
    '<executable cmd="echo 3" if=" TRUE "/><executable cmd="echo 4" if="0"/>',
    'group': '<let name="a" value="o"/><set_env name="A" value="o"/><group>'
    '<let name="a" value="i"/><set_env name="A" value="i"/><unset_env name="WARD_NAME"/>'
    '<push_ros_namespace namespace="deep"/><set_parameter name="p" value="1"/>'
    '<executable cmd="echo $(var a)"/><node pkg="demo" exec="talker" namespace="x"/></group>'
    f'<executable cmd="echo $(var a) $(env WARD_NAME)"/>{NODE}/>',
    'unscoped group': '<group scoped="false"><let name="a" value="1"/>'
    '<push_ros_namespace namespace="a"/><push_ros_namespace namespace="/b/"/></group>'
    f'<executable cmd="echo $(var a)"/>{NODE}/><node pkg="demo" exec="talker" namespace="/c"/>',
    'set_parameter leaves a group': '<set_parameter name="p" value="1"/>'
    f'<group><set_parameter name="q" value="word"/></group>{NODE}/>',
    'set_parameter': '<set_parameter name="b" value="true"/><set_parameter name="f" value="0.5"/>'
    f'<set_parameter name="s" value="a b"/><set_parameter name="e" value=""/>{NODE}/>',
    'node': f'{NODE} exec_name="l" args="-v $(dirname)/x y" ros_args="--log-level debug"'
    ' launch-prefix="nice -n 5" output="screen" respawn="true" respawn_delay="1.0"'
    ' sigterm_timeout="2.0" sigkill_timeout="1.0"><remap from="a" to="b"/>'
    '<remap from="$(env WARD_NAME)" to="/c"/><env name="A" value="$(env WARD_NAME)"/>'
    '<param from="$(find-pkg-share demo)/demo.yaml"/><param name="z" value="1"/></node>',
    'node without name': '<node pkg="demo" exec="talker"><param name="z" value="1"/></node>',
    'node without namespace': '<node pkg="demo" exec="talker" name="a"><param name="z" value="1"/>'
    '</node><node pkg="demo" exec="talker" namespace=""><param name="z" value="1"/></node>',
    'node by path': '<node exec="/bin/true" name="a"/>',
    'executable': '<executable cmd="echo $(var two)x y $(var two) \'a  b\'" name="e"'
    ' launch-prefix="env"><env name="A" value="b"/></executable>',
    'prefix': '<executable cmd="$(find-pkg-prefix demo)/bin a$(var two)b c"/>',
    'command': '<executable cmd="echo $(command \'echo -n out\')"/>',
    'logic': '<executable cmd="echo $(and true 1) $(or no false) $(not 0) $(equals 1 1.0) '
    "$(not-equals a b) $(equals True 1) $(equals '[$(var empty)]' '[]')\"/>",
    'escapes': '<executable cmd="echo $(var none a\\)b) \\$(var two) $(var none \'a b\') 5$"/>',
}


@pytest.mark.parametrize('name', BODIES)
def test_same_is_started(compare, write, name):
    lets = '<let name="two" value="a b"/><let name="empty" value=""/>'
    assert compare(write(lets + BODIES[name]))


VALUES = [
    ('1', ''), ('1.0', ''), ('on', ''), ('word', ''), ('', ''), ("'1'", ''), ('[1, 2]', ''),
    ("['a b', c]", ''), ('[1.0, 2.5]', ''), ('@home', ''), ('$(var n)', ''), ('$(var beds)', ''),
    ('$(var empty)', ''), ('[$(var n), 4]', ''), ('[$(var word), other]', ''), ("'$(var n)'", ''),
    ('$(var word): x', 'str'), ('1', 'str'), ('$(var n)', 'str'), ('7', 'int'), ('$(var n)', 'int'),
    ('1', 'float'), ('$(var n)', 'float'), ('1', 'bool'), ('no', 'bool'), ('$(var yes)', 'bool'),
    ('[1, 2]', 'list_of_int'), ('[$(var n), 2]', 'list_of_int'), ('[1.5]', 'list_of_float'),
    ('[a, $(var n)]', 'list_of_str'), ('[true]', 'list_of_bool'), ('1', 'yaml'),
]  # fmt: skip


@pytest.mark.parametrize(('value', 'kind'), VALUES)
def test_parameter_has_the_same_type(compare, write, value, kind):
    kind = f'type="{kind}"' if kind else ''
    body = (
        '<let name="n" value="3"/><let name="beds" value="[1, 2]"/><let name="word" value="w"/>'
        '<let name="empty" value=""/><let name="yes" value="true"/>'
        f'{NODE}><param name="p" value="{value}" {kind}/></node>'
    )
    assert compare(write(body))


REFUSED = [
    '<timer/>', '<node pkg="demo" exec="talker" no="x"/>', '<let name="a"/>',
    '<let name="a" value="$(nosuch)"/>', '<let name="a" value="$(var none)"/>',
    '<let name="a" value="$(var  two)"/>', '<let name="a" value="$(var two"/>',
    '<arg name="needed"/>', '<executable cmd="true" if="yes"/>',
    '<executable cmd="true" if="1" unless="1"/>', '<node pkg="none" exec="talker"/>',
    '<node pkg="demo" exec="none"/>', '<node pkg="demo" exec="talker" name="a/b"/>',
    '<push_ros_namespace namespace="a-b"/>', '<executable cmd="true" respawn_delay="-1"/>',
    '<executable cmd="true" on_exit="x"/>', '<include file="/none.xml"/>',
    *(
        f'{NODE}><param name="p" value="{value}" type="{kind}"/></node>'
        for value, kind in [
            ('1.5', 'int'), ('w', 'int'), ('2', 'bool'), ('null', 'yaml'), ('[1, a]', 'yaml'),
            ('[1, 2.0]', 'yaml'), ('[1, 2]', 'list_of_str'), ('1', 'list_of_int'),
            ('$(env WARD_NAME)', 'list_of_str'), ('1', 'integer'), ('a: b', 'yaml'),
        ]
    ),
]  # fmt: skip


@pytest.mark.parametrize('body', REFUSED)
def test_what_upstream_refuses_is_refused(compare, write, monkeypatch, body):
    path = write(body)
    with pytest.raises(LaunchError):
        by_us(path, {})
    with pytest.raises(LaunchError):
        by_upstream(path, {}, monkeypatch)


def test_included_file_behaves_the_same(compare, write):
    write(
        '<arg name="ward"/><let name="inside" value="$(var ward)"/>'
        '<executable cmd="echo $(dirname)"/>',
        'deep/inner.launch.xml',
    )
    body = (
        '<include file="$(dirname)/deep/inner.launch.xml">'
        '<arg name="ward" value="x"/><arg name="other" value="$(var ward)$(dirname)"/></include>'
        '<executable cmd="echo $(var inside) $(var other) $(dirname)"/>'
    )
    assert len(compare(write(body))) == 2


def test_include_without_a_needed_argument_is_refused_by_both(compare, write, monkeypatch):
    write('<arg name="ward"/>', 'inner.launch.xml')
    path = write('<let name="ward" value="x"/><include file="$(dirname)/inner.launch.xml"/>')
    with pytest.raises(LaunchError):
        by_us(path, {})
    with pytest.raises(LaunchError):
        by_upstream(path, {}, monkeypatch)


@pytest.mark.parametrize(
    'arguments',
    [
        {},
        {'records': "['1=/a b', '2=/c']", 'sim_beds': '[3, 4]', 'scenario': 'quiet', 'speed': '2'},
        {'records': "['1=/a']"},
        {'sim_beds': '[]', 'ward': 'icu', 'beds': '[1, 2]', 'state_dir': '/var/x', 'port': '9000'},
    ],
)
def test_launch_files_of_this_repository_start_the_same(compare, prefix, arguments):
    for name, package in (
        ('alarms', 'care_alarms'),
        ('vitals', 'care_vitals'),
        ('recording', 'care_sensors'),
        ('patient_simulator', 'care_sim'),
        ('tablet', 'care_tablet'),
        ('supervisor', 'care_supervisor'),
    ):
        (prefix / 'share/ament_index/resource_index/packages' / package).touch()
        (prefix / 'lib' / package).mkdir(parents=True)
        (prefix / 'lib' / package / f'{name}_node').touch(mode=0o755)
    assert len(compare(REPOSITORY / 'launch/care.launch.xml', **arguments)) >= 4
