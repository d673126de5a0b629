# SPDX-License-Identifier: Apache-2.0
"""Scenario files: the shipped ones work, wrong ones are refused with place, cause and cure."""

import re
from pathlib import Path

import pytest
from care_sim.scenario import STABLE, ScenarioError, load_scenario, shipped_folder


def scenario(folder: Path, text: str) -> str:
    path = folder / 'made.yaml'
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize('path', sorted(shipped_folder().glob('*.yaml')), ids=lambda p: p.stem)
def test_every_shipped_scenario_is_good_and_explains_itself(path):
    loaded = load_scenario(path.stem)
    assert loaded == load_scenario(str(path))
    assert loaded.description
    assert loaded.steps


def test_no_scenario_is_the_stable_one():
    assert load_scenario('') is STABLE
    assert load_scenario('').beds == set()


def test_a_scenario_says_initial_states_and_steps(tmp_path):
    loaded = load_scenario(scenario(tmp_path, """
name: Made
patients:
  3: {heart_rate: 88}
steps:
  - {at: 5, bed: 3, over: 10, set: {heart_rate: 108}}
  - {at: 20, bed: 2, set: {ecg_lead: 'off'}}
"""))  # fmt: skip
    course = loaded.course(3)
    assert course.ramps['heart_rate'].at([0, 10, 15]) == pytest.approx([88, 98, 108])
    assert loaded.course(2).switches['ecg_lead'].at(20) == 'off'
    assert loaded.course(1).switches['ecg_lead'].at(20) == 'attached'
    assert loaded.beds == {2, 3}


@pytest.mark.parametrize(
    ('text', 'cause', 'cure'),
    [
        ('steps: [{at: 1, bed: 3, set: {heart_rat: 90}}]', 'step 1 .*"heart_rat"', 'heart_rate'),
        ('steps: [{at: 1, bed: 3, set: {heart_rate: 500}}]', 'step 1: heart_rate is 500', '20 and'),
        ('steps: [{at: 1, bed: 3, set: {heart_rate: fast}}]', 'step 1: heart_rate is "fast"', 'nu'),
        ('steps: [{at: 1, bed: 3, set: {heart_rate: .nan}}]', 'heart_rate is nan', 'between'),
        ('steps: [{at: 1, bed: 3, set: {rhythm: samba}}]', 'rhythm is "samba"', 'sinus, atrial'),
        ('steps: [{at: 1, bed: 3, set: {ecg_lead: off}}]', 'ecg_lead is false', 'write "off"'),
        ('steps: [{at: 1, bed: 3, set: {}}]', 'step 1 sets nothing', 'set'),
        ('steps: [{at: 1, bed: 3}]', 'step 1 has no "set"', 'add'),
        ('steps: [{bed: 3, set: {spo2: 90}}]', 'step 1 has no "at"', 'add'),
        ('steps: [{at: -1, bed: 3, set: {spo2: 90}}]', 'step 1: at is -1', 'between'),
        ('steps: [{at: 1, bed: 0, set: {spo2: 90}}]', 'step 1 names the bed 0', 'from 1'),
        ('steps: [{at: 1, bed: three, set: {spo2: 90}}]', 'names the bed "three"', 'whole'),
        ('steps: [{at: 1, bed: 3, sett: {spo2: 90}}]', 'unknown name "sett"', 'did you mean "set"'),
        ('steps: [{at: 9, bed: 3, set: {spo2: 90}}, {at: 3, bed: 3, set: {spo2: 90}}]',
         'step 2 is at 3 s, before step 1', 'order'),
        ('steps: {at: 1}', 'steps is no list', 'dash'),
        ('steps: [oops]', 'step 1 is no list of names', 'name: value'),
        ('patients: {3: {pause: 3}}', 'patient of bed 3 .*"pause"', 'known|mean'),
        ('patients: [3]', 'patients is no list of names', 'name: value'),
        ('patiens: {}', 'unknown name "patiens"', 'patients'),
        ('just text', 'no list of names', 'name: value'),
        ('', 'no list of names', 'name: value'),
        ('steps: [', 'cannot be read as YAML', 'correct'),
    ],
)  # fmt: skip
def test_a_wrong_scenario_is_refused_with_file_place_cause_and_cure(tmp_path, text, cause, cure):
    with pytest.raises(ScenarioError, match=cause) as caught:
        load_scenario(scenario(tmp_path, text))
    assert 'made.yaml' in caught.value.cause
    assert re.search(cure, caught.value.cure)


def test_a_missing_scenario_is_named_with_the_shipped_ones():
    with pytest.raises(ScenarioError, match='no scenario bed_9_dances') as caught:
        load_scenario('bed_9_dances')
    assert 'bed_3_worsens' in caught.value.cure


def test_yaml_that_would_run_code_is_refused(tmp_path):
    with pytest.raises(ScenarioError, match='cannot be read'):
        load_scenario(scenario(tmp_path, 'name: !!python/object/apply:os.getcwd []'))
