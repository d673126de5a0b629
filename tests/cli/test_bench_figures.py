# SPDX-License-Identifier: Apache-2.0
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest
from care_cli import bench

BENCH = Path(__file__).resolve().parents[1] / 'bench'


@pytest.fixture(scope='module')
def figures() -> ModuleType:
    spec = importlib.util.spec_from_file_location('figures', BENCH / 'figures.py')
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules['figures'] = module
    spec.loader.exec_module(module)
    return module


def test_a_goal_is_met_on_its_better_side_and_when_just_reached(figures):
    assert figures.Figure('a', 10.0, 's', 10.0).met
    assert not figures.Figure('a', 10.1, 's', 10.0).met
    assert figures.Figure('a', 10.0, 'Hz', 10.0, 'higher').met
    assert not figures.Figure('a', 9.9, 'Hz', 10.0, 'higher').met


def test_the_report_has_the_machine_and_each_figure_with_its_goal(figures, tmp_path, capsys):
    figures.report([figures.Figure('a', 11.0, 's', 10.0)], tmp_path / 'out.json')
    written = json.loads((tmp_path / 'out.json').read_text())
    assert written['machine']['cores'] >= 1
    assert written['figures'] == [
        {'name': 'a', 'value': 11.0, 'unit': 's', 'goal': 10.0, 'better': 'lower', 'met': False}
    ]
    assert 'MISSED' in capsys.readouterr().out


def test_the_bench_command_finds_what_is_there():
    assert 'start' in bench.names(BENCH)
