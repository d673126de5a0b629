# SPDX-License-Identifier: Apache-2.0
"""The chain without a screen: bed 3 worsens, alarm, the robot is sent, looks, and returns."""

from pathlib import Path

import pytest
from care_msgs.msg import Alarm, AlarmList
from care_node import graph
from care_node.testing import probing
from robot_drive import driving, near
from ward_stack import running_stack, wait_for

BED_3 = (5.0, -1.2)


#: What the scenario raises, one after the other; a starved machine may miss the short ones.
WORSE = ('hr_high', 'extreme_tachycardia', 'asystole')


def _raised(snapshots: list[AlarmList]) -> set[str]:
    return {a.code for m in snapshots for a in m.alarms if a.bed == 3}


def test_bed_3_worsens_and_the_robot_goes_looks_and_returns(
    test_data: Path, tmp_path: Path
) -> None:
    arguments = {
        'scenario': 'bed_3_worsens',
        'camera': str(test_data / 'data/images'),
        'model': str(test_data / 'models/yolov8n-pose_480x640.onnx'),
    }
    with (
        running_stack(tmp_path, **arguments),
        probing('/ward') as ward,
        driving() as driver,
    ):
        alarms: list[AlarmList] = ward.collect(graph.ALARMS)
        lights = driver.probe.collect(graph.LIGHTS_STATE)
        driver.wait_ready()
        wait_for(
            lambda: _raised(alarms).intersection(WORSE),
            150,
            lambda: f'an alarm of bed 3 for its heart; raised: {_raised(alarms)}',
        )
        wait_for(lambda: any(x.priority >= Alarm.MEDIUM for x in lights), 30, 'the light bar')
        driver.run('go_to_bed', 3)
        assert near(driver.at(), BED_3)
        assert 'the camera sees' in driver.run('check_bed', 3).text
        driver.run('return')
        assert near(driver.at(), (0.0, 0.0))


@pytest.mark.parametrize('code', ['extreme_tachycardia', 'asystole'])
def test_the_scenario_also_raises_its_high_alarms(code: str, tmp_path: Path) -> None:
    with (
        running_stack(tmp_path, scenario='bed_3_worsens', speed='4.0', with_robot='false'),
        probing('/ward') as ward,
    ):
        alarms: list[AlarmList] = ward.collect(graph.ALARMS)
        wait_for(lambda: code in _raised(alarms), 120, lambda: f'{code}; raised: {_raised(alarms)}')
