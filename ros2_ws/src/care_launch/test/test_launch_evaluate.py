# SPDX-License-Identifier: Apache-2.0
import re

import pytest
import yaml
from care_launch.arguments import declared_arguments
from care_launch.errors import LaunchError
from care_launch.evaluate import evaluate

NODE = '<node pkg="demo" exec="talker" name="talker"/>'


def words_of(plan, index=0):
    return list(plan.processes[index].argv)


def test_command_line_of_a_node_is_that_of_launch_ros(plan_of, prefix):
    plan = plan_of(
        '<set_parameter name="use_sim_time" value="true"/>'
        '<node pkg="demo" exec="talker" name="a" namespace="ward" args="-v --x 1"'
        ' ros_args="--log-level debug">'
        '<param name="rate" value="5"/>'
        '<param from="$(find-pkg-share demo)/demo.yaml"/>'
        '<remap from="in" to="out"/>'
        '</node>'
    )
    (process,) = plan.processes
    (inline,) = process.files
    assert list(process.argv) == [
        f'{prefix}/lib/demo/talker', '-v', '--x', '1',
        '--ros-args', '--log-level', 'debug',
        '--ros-args', '-r', '__node:=a', '-r', '__ns:=/ward', '-p', 'use_sim_time:=True',
        '--params-file', inline, '--params-file', f'{prefix}/share/demo/demo.yaml',
        '-r', 'in:=out',
    ]  # fmt: skip
    assert yaml.safe_load(process.files[inline]) == {'/ward/a': {'ros__parameters': {'rate': 5}}}
    assert process.parameters == (
        {'use_sim_time': True},
        {'rate': 5},
        f'{prefix}/share/demo/demo.yaml',
    )


@pytest.mark.parametrize('attributes', ['', 'name="a"', 'namespace="ward"'])
def test_parameters_of_a_node_without_full_name_reach_whatever_it_is_called(plan_of, attributes):
    plan = plan_of(
        f'<node pkg="demo" exec="talker" {attributes}><param name="n" value="1"/></node>'
    )
    (content,) = plan.processes[0].files.values()
    assert yaml.safe_load(content) == {'/**': {'ros__parameters': {'n': 1}}}


def test_node_without_name_and_namespace_keeps_its_own(plan_of, prefix):
    (process,) = plan_of('<node pkg="demo" exec="talker"/>').processes
    assert list(process.argv) == [f'{prefix}/lib/demo/talker', '--ros-args']
    assert (process.name, process.namespace) == (None, '/')


def test_argument_default_is_used_unless_given(plan_of):
    body = '<arg name="ward" default="$(env WARD_NAME)"/><executable cmd="echo $(var ward)"/>'
    assert words_of(plan_of(body)) == ['echo', 'west']
    assert words_of(plan_of(body, ward='east')) == ['echo', 'east']


def test_argument_without_default_must_be_given(plan_of):
    body = '<arg name="ward" description="which one"/>'
    with pytest.raises(LaunchError, match=r'main\.launch\.xml:2: .*"ward" \(which one\)') as error:
        plan_of(body)
    assert error.value.cure == 'Add ward:=VALUE.'
    plan_of(body, ward='')


def test_argument_that_nothing_declares_is_refused_with_the_nearest(plan_of):
    with pytest.raises(LaunchError, match=r'no argument "wrad"\. Did you mean "ward"\?'):
        plan_of('<arg name="ward" default="x"/>', wrad='y')


def test_let_overrides_an_argument(plan_of):
    body = '<let name="a" value="1"/><let name="a" value="$(var a)2"/>'
    assert words_of(plan_of(body + '<executable cmd="echo $(var a)"/>')) == ['echo', '12']


@pytest.mark.parametrize(
    ('condition', 'there'),
    [
        ('if="true"', True), ('if="1"', True), ('if=" True "', True), ('if="0"', False),
        ('unless="false"', True), ('unless="$(equals a a)"', False),
    ],
)  # fmt: skip
def test_condition_decides(plan_of, condition, there):
    assert bool(plan_of(f'<executable cmd="true" {condition}/>').processes) is there


def test_condition_that_is_no_truth_value_is_refused(plan_of):
    with pytest.raises(LaunchError, match=':2: Condition "yes" is neither true nor false'):
        plan_of('<executable cmd="true" if="yes"/>')


def test_group_gives_back_what_it_changed(plan_of):
    plan = plan_of(
        '<let name="a" value="outer"/><set_env name="A" value="outer"/>'
        '<group><let name="a" value="inner"/><set_env name="A" value="inner"/>'
        '<unset_env name="WARD_NAME"/><push_ros_namespace namespace="deep"/>'
        f'<set_parameter name="p" value="1"/><executable cmd="echo $(var a)"/>{NODE}</group>'
        f'<executable cmd="echo $(var a)"/>{NODE}'
    )
    inside, inside_node, outside, outside_node = plan.processes
    assert (inside.argv[1], outside.argv[1]) == ('inner', 'outer')
    assert (inside.environment['A'], outside.environment['A']) == ('inner', 'outer')
    assert 'WARD_NAME' not in inside.environment
    assert outside.environment['WARD_NAME'] == 'west'
    assert (inside_node.namespace, outside_node.namespace) == ('/deep', '/')
    assert (inside_node.parameters, outside_node.parameters) == (({'p': 1},), ())


def test_group_that_is_not_scoped_keeps_what_it_changed(plan_of):
    body = (
        '<group scoped="false"><let name="a" value="1"/></group><executable cmd="echo $(var a)"/>'
    )
    assert words_of(plan_of(body)) == ['echo', '1']
    with pytest.raises(LaunchError, match=re.escape('$(var a) is not set')):
        plan_of(body.replace('false', 'true'))


@pytest.mark.parametrize(
    ('pushed', 'namespace', 'expected'),
    [
        ('ward', 'namespace="bed"', '/ward/bed'),
        ('ward', '', '/ward'),
        ('/ward/', 'namespace="/other"', '/other'),
        ('/', 'namespace="a/b"', '/a/b'),
    ],
)
def test_namespaces_join(plan_of, pushed, namespace, expected):
    node = f'<node pkg="demo" exec="talker" {namespace}/>'
    plan = plan_of(f'<push_ros_namespace namespace="{pushed}"/>{node}')
    assert plan.processes[0].namespace == expected
    assert f'__ns:={expected}' in plan.processes[0].argv


@pytest.mark.parametrize('name', ['2nd', 'a b', 'a-b', 'a//b'])
def test_bad_namespace_is_refused(plan_of, name):
    with pytest.raises(LaunchError, match='is no ROS namespace'):
        plan_of(f'<push_ros_namespace namespace="{name}"/>')


def test_bad_node_name_is_refused(plan_of):
    with pytest.raises(LaunchError, match='"a/b" is no node name'):
        plan_of('<node pkg="demo" exec="talker" name="a/b"/>')


def test_include_gets_arguments_and_leaves_its_variables_behind(plan_of, write):
    write(
        '<arg name="ward"/><let name="set_inside" value="$(var ward)"/>'
        '<executable cmd="echo $(var ward) $(dirname)"/>',
        'deep/inner.launch.xml',
    )
    plan = plan_of(
        '<include file="$(dirname)/deep/inner.launch.xml"><arg name="ward" value="east"/></include>'
        '<executable cmd="echo $(var set_inside)"/>'
    )
    assert words_of(plan, 0)[:2] == ['echo', 'east']
    assert words_of(plan, 0)[2].endswith('/deep')
    assert words_of(plan, 1) == ['echo', 'east']


def test_include_must_pass_what_the_file_asks_for_even_if_set_outside(plan_of, write):
    write('\n<group><arg name="ward"/></group>', 'inner.launch.xml')
    with pytest.raises(LaunchError, match=r'main\.launch\.xml:2: .*"ward".*inner\.launch\.xml:3'):
        plan_of('<let name="ward" value="x"/><include file="$(dirname)/inner.launch.xml"/>')


def test_include_may_leave_out_what_is_asked_for_on_condition(plan_of, write):
    write('<arg name="ward" if="false"/>', 'inner.launch.xml')
    assert plan_of('<include file="$(dirname)/inner.launch.xml"/>').processes == []


def test_include_circle_is_refused_with_its_chain(plan_of, write):
    write('<include file="$(dirname)/main.launch.xml"/>', 'inner.launch.xml')
    with pytest.raises(LaunchError, match=r'inner\.launch\.xml:2: .*main.* -> inner.* -> main'):
        plan_of('<include file="$(dirname)/inner.launch.xml"/>')


def test_file_may_be_included_twice_in_a_row(plan_of, write):
    write('<arg name="n"/><executable cmd="echo $(var n)"/>', 'inner.launch.xml')
    include = '<include file="$(dirname)/inner.launch.xml"><arg name="n" value="{}"/></include>'
    plan = plan_of(include.format(1) + include.format(2))
    assert [words_of(plan, i) for i in (0, 1)] == [['echo', '1'], ['echo', '2']]


def test_missing_include_is_refused_with_its_line(plan_of):
    with pytest.raises(LaunchError, match=r':2: There is no file .*none\.xml'):
        plan_of('<include file="$(dirname)/none.xml"/>')


@pytest.mark.parametrize(
    ('node', 'cause'),
    [
        ('<node pkg="nothing" exec="talker"/>', 'Package "nothing" is not installed'),
        ('<node pkg="demo" exec="tlaker"/>', 'no executable "tlaker".*It has: talker'),
        ('<node pkg="demo" exec="talker"><param from="/none.yaml"/></node>', 'no params file'),
        ('<node pkg="demo" exec="talker"><param name="a"/></node>', 'needs "name" and "value"'),
        ('<node pkg="demo" exec="talker"><param from="x" name="a"/></node>', 'takes nothing else'),
        ('<node exec="x" respawn_delay="-1"/>', 'Write the seconds'),
        ('<node exec="x" sigterm_timeout="$(var a)"/>', 'Write the seconds'),
        ('<node exec="x" respawn="often"/>', '"often" is not a truth value'),
        ('<node exec="x" on_exit="restart"/>', 'Unknown on_exit "restart"'),
        ('<node exec="x" output="own_log"/>', 'Unknown output "own_log"'),
        ('<executable cmd=" "/>', 'The command is empty'),
        ('<executable cmd="echo \'a"/>', 'No closing quotation'),
        ('<group scoped="$(var a)"/>', '"scoped" is'),
    ],
)
def test_what_cannot_be_run_is_refused_with_its_line(plan_of, node, cause):
    with pytest.raises(LaunchError, match=rf'main\.launch\.xml:2: .*{cause}'):
        plan_of(node)


def test_process_attributes(plan_of):
    (process,) = plan_of(
        '<executable cmd="sleep 1" name="nap" respawn="true" respawn_delay="1.5"'
        ' sigterm_timeout="2.0" sigkill_timeout="1.0" output="both" cwd="/tmp" on_exit="shutdown"'
        ' launch-prefix="nice -n 5"><env name="A" value="$(env WARD_NAME)"/></executable>'
    ).processes
    assert process.argv == ('nice', '-n', '5', 'sleep', '1')
    assert (process.respawn_delay, process.sigterm_timeout, process.sigkill_timeout) == (1.5, 2, 1)
    assert (process.output, process.cwd, process.required) == ('both', '/tmp', True)
    assert process.environment['A'] == 'west'
    assert process.label == 'nap-1'


def test_defaults_of_a_process(plan_of):
    (process,) = plan_of('<executable cmd="/bin/sleep 1"/>').processes
    assert (process.label, process.output, process.required) == ('sleep-1', 'log', False)
    assert process.respawn_delay is None
    assert (process.sigterm_timeout, process.sigkill_timeout) == (5.0, 5.0)


@pytest.mark.parametrize(
    ('cmd', 'expected'),
    [
        ('echo $(var two)', ['echo', 'a b']),
        ('echo $(var two)c d', ['echo', 'a bc', 'd']),
        ('echo x$(var two) $(var two)', ['echo', 'xa b', 'a b']),
        ('$(var two)/bin -v', ['a b/bin', '-v']),
        ("echo 'a  b' c", ['echo', 'a  b', 'c']),
    ],
)
def test_command_line_is_split_but_not_what_a_substitution_gives(plan_of, cmd, expected):
    plan = plan_of(f'<let name="two" value="a b"/><executable cmd="{cmd}"/>')
    assert words_of(plan) == expected


def test_shutdown_element_is_in_the_plan(plan_of):
    assert plan_of('<shutdown reason="no bed" if="true"/>').shutdown == 'no bed'
    assert plan_of('<shutdown if="false"/>').shutdown is None


def test_arguments_of_included_files_are_listed_without_running(write, environment):
    write('<arg name="inner" description="deep"/><arg name="passed"/>', 'inner.launch.xml')
    path = write(
        '<arg name="outer" default="$(env NOWHERE)"/>'
        '<group if="false"><include file="$(dirname)/inner.launch.xml">'
        '<arg name="passed" value="1"/></include></group>'
        '<include file="$(env NOWHERE)/x.xml"/>'
    )
    found = declared_arguments(path, {}, environment)
    assert {name: a.default for name, a in found.items()} == {
        'outer': '$(env NOWHERE)',
        'inner': None,
    }


def test_environment_handed_in_is_not_changed(write, environment):
    before = dict(environment)
    evaluate(write('<set_env name="A" value="b"/>'), {}, environment)
    assert environment == before
