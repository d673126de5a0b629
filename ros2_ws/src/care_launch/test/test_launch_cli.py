# SPDX-License-Identifier: Apache-2.0
import json

import pytest
from care_launch.cli import main


@pytest.fixture
def ament(monkeypatch, environment):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


FILE = """
<arg name="ward" default="ward" description="Name of the ward"/>
<arg name="rate" description="How fast"/>
<set_env name="A" value="b"/><unset_env name="WARD_NAME"/>
<node pkg="demo" exec="talker" name="t" namespace="$(var ward)" respawn="true">
  <param name="rate" value="$(var rate)" type="float"/><remap from="in" to="out"/>
</node>
"""


def test_dry_run_json_says_all_that_would_be_run(write, ament, prefix, capsys):
    assert main([str(write(FILE)), '--dry-run', 'ward:=east', '--json', 'rate:=2']) == 0
    (process,) = json.loads(capsys.readouterr().out)
    assert process == {
        'package': 'demo',
        'executable': 'talker',
        'name': 't',
        'namespace': '/east',
        'argv': [
            f'{prefix}/lib/demo/talker', '--ros-args', '-r', '__node:=t', '-r', '__ns:=/east',
            '--params-file', 'launch_params_1_0.yaml', '-r', 'in:=out',
        ],
        'env': {'A': 'b', 'WARD_NAME': None},
        'parameters': [{'rate': 2.0}],
        'remaps': [['in', 'out']],
        'respawn': True,
    }  # fmt: skip


def test_dry_run_shows_command_lines(write, ament, capsys):
    assert main([str(write(FILE)), '--dry-run', 'rate:=2']) == 0
    assert capsys.readouterr().out.startswith('[talker-1] /')


def test_dry_run_shows_a_shutdown(write, ament, capsys):
    assert main([str(write('<shutdown reason="no bed"/>')), '--dry-run']) == 0
    assert 'nothing is started: no bed' in capsys.readouterr().out


def test_arguments_are_shown_with_description_and_default(write, ament, capsys):
    assert main([str(write(FILE)), '--show-args']) == 0
    shown = capsys.readouterr().out
    assert "'ward':\n        Name of the ward\n        (default: 'ward')" in shown
    assert "'rate':\n        How fast\n        (must be given)" in shown


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['rate:=x'], 'does not fit'),
        (['rate=2'], '"rate=2" is no launch argument'),
        (['rate:=1', 'wrad:=x'], 'Did you mean "ward"?'),
        ([], 'Add rate:=VALUE'),
    ],
)
def test_bad_arguments_end_with_2_and_a_message(write, ament, capsys, arguments, message):
    assert main([str(write(FILE)), '--dry-run', *arguments]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ''


def test_unknown_tag_ends_with_2_and_its_line(write, ament, capsys):
    path = write('<timer/>')
    assert main([str(path)]) == 2
    assert f'{path}:2: Unknown tag "timer"' in capsys.readouterr().err
