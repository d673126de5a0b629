# SPDX-License-Identifier: Apache-2.0
import argparse
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from care_cli import up
from care_cli.cli import COMMANDS, main, overview
from care_cli.errors import CareError
from care_cli.launcher import launch_command
from care_cli.layout import Layout, distribution_is_sourced
from care_cli.variables import run_environment

REPOSITORY = Path(__file__).resolve().parents[2]


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    up.add_arguments(parser)
    return parser.parse_intermixed_args(words)


def layout(tmp_path: Path, distribution: bool = False) -> Layout:
    return Layout(tmp_path / 'repo', tmp_path / 'state', distribution)


def test_care_without_a_command_lists_all_commands_with_one_line_each():
    said = subprocess.run([REPOSITORY / 'care'], capture_output=True, text=True, check=True).stdout
    for name, (_, text) in COMMANDS.items():
        assert f'  {name}' in said
        assert text in said
    assert overview() in said


def test_a_mistyped_command_is_refused_and_the_nearest_is_named(capsys):
    assert main(['docter']) == 2
    assert 'did you mean ./care doctor?' in capsys.readouterr().err


def test_up_plays_records_on_their_beds_and_simulates_the_others(tmp_path):
    (tmp_path / 'ecg.csv').touch()
    arguments = up.launch_arguments(parsed('--record', f'2={tmp_path}/ecg.csv'), layout(tmp_path))
    assert arguments['records'] == f"['2={tmp_path}/ecg.csv']"
    assert arguments['sim_beds'] == '[1, 3, 4]'


def test_up_without_records_simulates_every_bed(tmp_path):
    arguments = up.launch_arguments(parsed('beds:=[1, 7]'), layout(tmp_path))
    assert arguments['sim_beds'] == '[1, 7]'
    assert arguments['beds'] == '[1, 7]'
    assert 'records' not in arguments


def test_up_accepts_options_and_arguments_in_any_order(tmp_path):
    (tmp_path / 'a.csv').touch()
    options = parsed('port:=9000', '--record', f'1={tmp_path}/a.csv', 'log_level:=debug')
    arguments = up.launch_arguments(options, layout(tmp_path))
    assert arguments['port'] == '9000'
    assert arguments['log_level'] == 'debug'


def test_what_the_user_assigns_wins_over_what_is_derived(tmp_path):
    arguments = up.launch_arguments(parsed('state_dir:=/elsewhere'), layout(tmp_path))
    assert arguments['state_dir'] == '/elsewhere'


def test_the_pin_file_cannot_be_given_for_it_would_be_overwritten(tmp_path):
    with pytest.raises(CareError, match='demo_pin_file') as caught:
        up.launch_arguments(parsed('demo_pin_file:=/etc/passwd'), layout(tmp_path))
    assert caught.value.code == 2


@pytest.mark.parametrize('text', ['port', 'port=1', '1x:=2', ':=3'])
def test_up_refuses_what_is_no_assignment(text):
    with pytest.raises(CareError, match='is not name:=value') as caught:
        up.parse_assignments([text])
    assert caught.value.code == 2


@pytest.mark.parametrize('text', ['1', '[]', '[a]', "['1']", '[1, 1]', '[0]', '[True]', '[1'])
def test_up_refuses_beds_that_are_no_list_of_different_numbers(text):
    with pytest.raises(CareError) as caught:
        up.parse_beds(text)
    assert caught.value.code == 2


@pytest.mark.parametrize('text', ['0', '65536', '-1', '80a', ''])
def test_up_refuses_what_is_no_port(text):
    with pytest.raises(CareError, match='is no port'):
        up.parse_port(text)


def test_up_refuses_a_scenario_that_does_not_exist(tmp_path):
    with pytest.raises(CareError, match=r'none\.yaml does not exist') as caught:
        up.launch_arguments(parsed('--scenario', str(tmp_path / 'none.yaml')), layout(tmp_path))
    assert caught.value.code == 2


def test_up_names_the_scenarios_there_are_when_one_is_mistyped(tmp_path):
    scenarios = tmp_path / 'repo' / 'ros2_ws' / 'src' / 'care_sim' / 'scenarios'
    scenarios.mkdir(parents=True)
    (scenarios / 'quiet.yaml').touch()
    with pytest.raises(CareError) as caught:
        up.launch_arguments(parsed('--scenario', 'loud'), layout(tmp_path))
    assert 'quiet' in caught.value.cure
    found = up.launch_arguments(parsed('--scenario', 'quiet'), layout(tmp_path))
    assert found['scenario'] == str(scenarios / 'quiet.yaml')


def test_a_quote_in_a_path_survives_as_yaml():
    assert up.yaml_list(["1=/a 'b'/c"]) == "['1=/a ''b''/c']"


def test_the_pin_is_random_and_its_file_is_for_the_owner_only(tmp_path):
    path = tmp_path / 'state' / 'demo_pin'
    pins = {up.write_pin(path) for _ in range(20)}
    assert len(pins) > 15
    assert all(len(pin) == 6 and pin.isdigit() for pin in pins)
    assert path.read_text().strip() in pins
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_launcher_is_ours_and_the_real_one_beside_a_distribution():
    ours = launch_command('f.xml', ['a:=1'], python='/v/python', distribution=False)
    real = launch_command('f.xml', ['a:=1'], python='/v/python', distribution=True)
    assert ours == ['/v/python', '-m', 'care_launch', 'f.xml', 'a:=1']
    assert real == ['ros2', 'launch', 'f.xml', 'a:=1']


def test_a_distribution_counts_only_when_jazzy_and_its_command_are_there(tmp_path):
    (tmp_path / 'ros2').touch()
    path = f'/nowhere:{tmp_path}'
    assert distribution_is_sourced({'ROS_DISTRO': 'jazzy', 'PATH': path})
    assert not distribution_is_sourced({'ROS_DISTRO': 'humble', 'PATH': path})
    assert not distribution_is_sourced({'ROS_DISTRO': 'jazzy', 'PATH': '/nowhere'})


def test_nodes_stay_on_this_machine_unless_the_caller_says_otherwise(tmp_path):
    env = run_environment(layout(tmp_path), {'PATH': '/bin', 'PYTHONHOME': '/wrong'})
    assert 'PYTHONDONTWRITEBYTECODE' not in run_environment(
        layout(tmp_path), {'PYTHONDONTWRITEBYTECODE': '1'}
    )
    assert env['ROS_AUTOMATIC_DISCOVERY_RANGE'] == 'LOCALHOST'
    assert env['ROS_DOMAIN_ID'] == '77'
    assert 'PYTHONHOME' not in env
    assert env['PATH'] == f'{tmp_path}/repo/.venv/bin:/bin'
    assert run_environment(layout(tmp_path), {'ROS_DOMAIN_ID': '5'})['ROS_DOMAIN_ID'] == '5'


def test_beside_a_distribution_its_search_paths_are_kept_after_ours(tmp_path):
    base = {'AMENT_PREFIX_PATH': '/opt/ros/jazzy', 'PYTHONPATH': '/opt/ros/jazzy/lib'}
    env = run_environment(layout(tmp_path, distribution=True), base)
    assert env['AMENT_PREFIX_PATH'] == f'{tmp_path}/repo/ros2_ws/install:/opt/ros/jazzy'
    assert env['PYTHONPATH'].endswith(':/opt/ros/jazzy/lib')
    assert '_ROS_WHEELS_BOOTSTRAP_COMPLETE' not in env


def test_the_command_line_imports_nothing_that_is_not_in_the_standard_library():
    modules = [path.stem for path in (REPOSITORY / 'tools' / 'care_cli').glob('*.py')]
    imports = '; '.join(f'import care_cli.{name}' for name in modules if name != '__init__')
    code = f'import sys; sys.path.insert(0, {str(REPOSITORY / "tools")!r}); {imports}'
    # -S: no site-packages at all; -I: nothing from the environment.
    subprocess.run([sys.executable, '-I', '-S', '-c', code], check=True)
