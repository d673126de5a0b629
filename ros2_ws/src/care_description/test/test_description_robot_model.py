# SPDX-License-Identifier: Apache-2.0
"""The URDF is whole, and its joints move frames to where geometry says."""

import math
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from care_description.robot_model import ModelError, from_rpy, parse
from care_node.transforms import rotate

XACRO = Path(__file__).resolve().parents[4] / 'urdf/care_robot.urdf.xacro'


@pytest.fixture(scope='module')
def urdf() -> str:
    return subprocess.run(['xacro', str(XACRO)], check=True, capture_output=True, text=True).stdout


def test_the_frames_of_the_design_are_there_and_form_one_tree(urdf: str) -> None:
    joints = parse(urdf)
    children = {j.child: j.parent for j in joints.values()}
    wanted = [
        'base_link', 'lift_link', 'head_pan_link', 'head_tilt_link', 'camera_link',
        'camera_optical_frame', 'laser', 'imu_link', 'drawer_1', 'drawer_4',
    ]  # fmt: skip
    for frame in wanted:
        chain = [frame]
        while chain[-1] != 'base_footprint':
            chain.append(children[chain[-1]])
            assert len(chain) < 20


def test_every_solid_has_a_mass_and_a_physical_inertia(urdf: str) -> None:
    for link in ElementTree.fromstring(urdf).findall('link'):
        if link.find('visual') is None:
            continue
        inertia = link.find('inertial/inertia')
        assert inertia is not None, link.get('name')
        ixx, iyy, izz = sorted(float(inertia.get(k, '0')) for k in ('ixx', 'iyy', 'izz'))
        assert ixx > 0
        assert ixx + iyy >= izz


def test_optical_frame_looks_along_its_z_axis(urdf: str) -> None:
    optical = parse(urdf)['camera_optical_joint'].pose()
    assert rotate(optical.rotation, (0, 0, 1)) == pytest.approx((1, 0, 0), abs=1e-9)
    assert rotate(optical.rotation, (1, 0, 0)) == pytest.approx((0, -1, 0), abs=1e-9)


def test_a_prismatic_joint_shifts_and_a_revolute_one_turns(urdf: str) -> None:
    joints = parse(urdf)
    low, high = joints['lift_joint'].pose(0.0), joints['lift_joint'].pose(0.3)
    assert high.translation[2] - low.translation[2] == pytest.approx(0.3)
    turned = joints['head_pan_joint'].pose(math.pi / 2)
    assert rotate(turned.rotation, (1, 0, 0)) == pytest.approx((0, 1, 0), abs=1e-9)
    tilted = joints['head_tilt_joint'].pose(0.5)
    assert rotate(tilted.rotation, (1, 0, 0))[2] < 0, 'positive tilt looks down'


def test_roll_pitch_yaw_turn_about_fixed_axes() -> None:
    turn = from_rpy(math.pi / 2, 0, math.pi / 2)
    assert rotate(turn, (0, 1, 0)) == pytest.approx((0, 0, 1), abs=1e-9)


@pytest.mark.parametrize(
    ('text', 'words'),
    [
        ('<robot', 'not XML'),
        ('<robot/>', 'no joints'),
        ('<robot><joint name="j" type="screw"/></robot>', "kind 'screw'"),
        ('<robot><joint name="j" type="fixed"><parent link="a"/></joint></robot>', 'no <child'),
    ],
)
def test_a_broken_description_is_refused_with_its_cause(text: str, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        parse(text)
