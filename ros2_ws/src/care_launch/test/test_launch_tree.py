# SPDX-License-Identifier: Apache-2.0
import re

import pytest
from care_launch.errors import LaunchError
from care_launch.tree import ACTIONS, PARTS, read_file

WHOLE = {
    'arg': '<arg name="a" default="1" description="what" if="true"/>',
    'let': '<let name="a" value="1" unless="false"/>',
    'group': '<group scoped="false" if="true"><let name="a" value="1"/></group>',
    'push_ros_namespace': '<push_ros_namespace namespace="ward" if="true"/>',
    'include': '<include file="x.xml" if="true"><arg name="a" value="b"/></include>',
    'node': '<node pkg="p" exec="e" name="n" namespace="s" exec_name="l" args="x" ros_args="y" '
    'cwd="/" respawn="true" respawn_delay="1.0" on_exit="shutdown" sigterm_timeout="2.0" '
    'sigkill_timeout="1.0" output="screen" launch-prefix="nice" if="true">'
    '<param name="a" value="1" type="int"/><param from="x.yaml"/>'
    '<remap from="a" to="b"/><env name="A" value="b"/></node>',
    'executable': '<executable cmd="true" name="n" cwd="/" respawn="true" respawn_delay="1" '
    'output="log" launch-prefix="nice" unless="false"><env name="A" value="b"/></executable>',
    'set_env': '<set_env name="A" value="b" if="true"/>',
    'unset_env': '<unset_env name="A" if="true"/>',
    'set_parameter': '<set_parameter name="use_sim_time" value="true" if="true"/>',
    'shutdown': '<shutdown reason="done" if="true"/>',
}


def test_every_known_tag_is_tried_here():
    assert WHOLE.keys() == ACTIONS.keys()


@pytest.mark.parametrize('tag', WHOLE)
def test_tag_is_read_with_all_its_attributes_and_its_line(write, tag):
    root = read_file(write(f'<!-- one -->\n{WHOLE[tag]}'))
    assert [(child.tag, child.place.line) for child in root.children] == [(tag, 3)]


@pytest.mark.parametrize(
    ('body', 'line', 'cause', 'cure'),
    [
        ('\n<nod pkg="p" exec="e"/>', 3, 'Unknown tag "nod" in <launch>', '"node"'),
        ('<set_use_sim_time value="true"/>', 2, 'Unknown tag "set_use_sim_time"', ''),
        ('<group>\n<timer/>\n</group>', 3, 'Unknown tag "timer" in <group>', 'Known here'),
        ('<node exec="e" respwan="true"/>', 2, 'Unknown attribute "respwan"', '"respawn"'),
        ('<node exec="e">\n<param name="a" vale="1"/></node>', 3, 'Unknown attribute "vale"', ''),
        ('<node exec="e"><param name="a"><param name="b" value="1"/></param></node>', 2,
         'Unknown tag "param" in <param>', 'none'),
        ('<node exec="e"><env name="A" value="b" if="true"/></node>', 2,
         'Unknown attribute "if" in <env>', ''),
        ('<include file="x"><let name="a" value="b"/></include>', 2,
         'Unknown tag "let" in <include>', 'arg'),
        ('<param name="a" value="1"/>', 2, 'Unknown tag "param" in <launch>', ''),
        ('<remap from="a" to="b"/>', 2, 'Unknown tag "remap" in <launch>', ''),
        ('<node pkg="p"/>', 2, 'lacks the attribute "exec"', 'Add it'),
        ('<let name="a"/>', 2, 'lacks the attribute "value"', ''),
        ('<let name="a" value="1" if="1" unless="1"/>', 2, 'both "if" and "unless"', ''),
        ('<let name="a" value="$(nosuch x)"/>', 2, 'Unknown substitution $(nosuch)', 'Known'),
        ('<group if="false">\n<let name="a" value="$(vra x)"/></group>', 3, '$(vra)', ''),
        ('some words\n<let name="a" value="1"/>', 2, 'Text "some words"', 'comment'),
        ('<let name="a" value="1">', 3, 'not well-formed XML', ''),
        ('<let name="a" value=1/>', 2, 'not well-formed XML', ''),
    ],
)  # fmt: skip
def test_unknown_is_refused_with_file_line_and_cure(write, body, line, cause, cure):
    path = write(body)
    with pytest.raises(LaunchError, match=re.escape(cause)) as caught:
        read_file(path)
    assert str(caught.value).startswith(f'{path}:{line}: ')
    assert cure in caught.value.cure


def test_other_root_is_refused(tmp_path):
    path = tmp_path / 'x.xml'
    path.write_text('<robot/>')
    with pytest.raises(LaunchError, match='root element is <robot>'):
        read_file(path)


def test_missing_file_is_refused(tmp_path):
    with pytest.raises(LaunchError, match='Cannot read launch file'):
        read_file(tmp_path / 'none.xml')


def test_description_may_show_a_substitution(write):
    root = read_file(write('<arg name="a" description="as in $(nosuch)" default=""/>'))
    assert root.children[0].attributes['description'] == 'as in $(nosuch)'


def test_every_part_has_attributes():
    assert all(rule.attributes for rule in PARTS.values())
