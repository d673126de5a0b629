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


def _raised(snapshots: list[AlarmList], code: str) -> bool:
    return any(a.code == code and a.bed == 3 for m in snapshots for a in m.alarms)


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
        wait_for(lambda: _raised(alarms, 'hr_high'), 60, 'the alarm of bed 3')
        wait_for(lambda: any(x.priority >= Alarm.MEDIUM for x in lights), 10, 'the light bar')
        going = driver.send('go_to_bed', 3)
        assert driver.result(going).code == 'ok'
        assert near(driver.at(), BED_3)
        looked = driver.result(driver.send('check_bed', 3))
        assert looked.code == 'ok', looked.text
        assert 'the camera sees' in looked.text
        back = driver.result(driver.send('return'))
        assert back.code == 'ok', back.text
        assert near(driver.at(), (0.0, 0.0))


@pytest.mark.parametrize('code', ['extreme_tachycardia', 'asystole'])
def test_the_scenario_also_raises_its_high_alarms(code: str, tmp_path: Path) -> None:
    with (
        running_stack(tmp_path, scenario='bed_3_worsens', speed='4.0', with_robot='false'),
        probing('/ward') as ward,
    ):
        alarms: list[AlarmList] = ward.collect(graph.ALARMS)
        seen: set[str] = set()

        def raised() -> bool:
            seen.update(a.code for m in alarms for a in m.alarms if a.bed == 3)
            return code in seen

        wait_for(raised, 60, f'{code}; seen {seen}')
