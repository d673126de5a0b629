# SPDX-License-Identifier: Apache-2.0
import subprocess
import sys
from pathlib import Path

import pytest
from care_cli import clock, doctor, parts
from care_cli.errors import CareError
from care_cli.lint import malformed
from care_cli.pages import node_version
from care_cli.progress import run_step

REPOSITORY = Path(__file__).resolve().parents[2]


def part(name: str, package: str, present: bool) -> parts.Part:
    return parts.Part(name, f'is why {name}', package, lambda: present)


def test_all_missing_system_parts_are_named_at_once_with_one_apt_line():
    needed = (part('g++', 'g++', False), part('make', 'make', True), part('cc', 'g++', False))
    with pytest.raises(CareError) as caught:
        parts.require((*needed, part('cmake', 'cmake', False)))
    assert 'g++: is why g++' in caught.value.cause
    assert 'cmake: is why cmake' in caught.value.cause
    assert 'make: is why make\n' not in caught.value.cause
    assert caught.value.cure == 'sudo apt-get install -y g++ cmake'


def test_a_machine_with_all_parts_is_accepted():
    parts.require((part('make', 'make', True),))


def test_another_kind_of_machine_is_refused(monkeypatch):
    monkeypatch.setattr('platform.system', lambda: 'Darwin')
    with pytest.raises(CareError, match='64-bit Linux, this is Darwin'):
        parts.require(())


def test_without_wheels_for_the_processor_a_distribution_is_the_cure(monkeypatch):
    monkeypatch.setattr('platform.machine', lambda: 'aarch64')
    with pytest.raises(CareError) as caught:
        parts.require_wheels_platform()
    assert '/opt/ros/jazzy' in caught.value.cure


def test_the_python_packages_asked_for_are_those_of_this_python():
    version = f'python{sys.version_info.major}.{sys.version_info.minor}'
    packages = {part.package for part in parts.BUILD_PARTS}
    assert {f'{version}-venv', f'{version}-dev'} <= packages


def test_a_failing_step_shows_its_end_and_where_the_whole_output_is(tmp_path, capsys):
    log = tmp_path / 'log' / 'step.log'
    code = 'print("first"); [print("line", n) for n in range(60)]; print("last words"); exit(7)'
    with pytest.raises(CareError) as caught:
        run_step('a step', [sys.executable, '-c', code], log, cwd=tmp_path)
    assert 'a step failed (exit 7)' in caught.value.cause
    assert 'last words' in caught.value.cause
    assert 'first' not in caught.value.cause
    assert str(log) in caught.value.cause
    assert 'first' in log.read_text()


def test_a_step_that_succeeds_says_how_long_it_took(tmp_path, capsys):
    run_step('a step', [sys.executable, '-c', ''], tmp_path / 'log', cwd=tmp_path)
    assert 'a step: ' in capsys.readouterr().err


@pytest.mark.parametrize(
    ('now', 'synchronised', 'level'),
    [(0.0, True, 'FAULT'), (2e9, True, 'ok'), (2e9, False, 'note'), (2e9, None, 'note')],
)
def test_a_clock_that_cannot_be_right_is_a_fault_an_unkept_one_a_note(now, synchronised, level):
    judged = clock.judge(now, synchronised)
    assert judged[0] == level
    assert bool(judged[3]) == (level != 'ok')


@pytest.mark.parametrize(
    ('node', 'level'),
    [
        ({'node': 'vitals', 'state': 'ACTIVE', 'age': 0.2, 'fault': ''}, doctor.OK),
        ({'node': 'vitals', 'state': 'ACTIVE', 'age': 1.5, 'fault': ''}, doctor.FAULT),
        ({'node': 'vitals', 'state': 'ACTIVE', 'age': None, 'fault': ''}, doctor.FAULT),
        ({'node': 'vitals', 'state': 'INACTIVE', 'age': 0.2, 'fault': ''}, doctor.FAULT),
        ({'node': 'vitals', 'state': 'ACTIVE', 'age': 0.2, 'fault': 'no lead'}, doctor.FAULT),
    ],
)
def test_a_node_is_well_only_while_active_heard_and_without_fault(node, level):
    finding = doctor.judge_node(node, 'the cure')
    assert finding.level == level
    assert finding.cure == ('' if level == doctor.OK else 'the cure')


def test_every_fault_is_shown_with_its_cure(capsys):
    doctor.show([doctor.Finding(doctor.FAULT, 'port', 'in use', 'stop it')])
    assert capsys.readouterr().out == 'FAULT  port: in use\n       cure: stop it\n1 fault\n'


def test_xml_that_is_not_well_formed_is_named_with_its_line(tmp_path):
    good, bad = tmp_path / 'good.xml', tmp_path / 'bad.xml'
    good.write_text('<launch/>')
    bad.write_text('<launch>\n<node></launch>')
    faults = malformed([good, bad])
    assert len(faults) == 1
    assert f'{bad}: mismatched tag: line 2' in faults[0]


def test_no_node_is_version_zero():
    assert node_version(None) == (0, 0)
    assert node_version('/bin/true') == (0, 0)


def test_an_unsupported_python_looks_for_a_supported_one_and_says_so_when_there_is_none(tmp_path):
    """Pretend to be Python 3.8 by changing what the script supports."""
    script = (REPOSITORY / 'care').read_text()
    for version in ('(3, 12)', '(3, 11)'):
        assert version in script
    changed = tmp_path / 'care'
    changed.write_text(script.replace('((3, 12), (3, 11))', '((2, 0), (2, 1))'))
    ran = subprocess.run([sys.executable, changed], capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert 'needs Python 3.11 or 3.12' in ran.stderr
    assert 'cure: ' in ran.stderr
