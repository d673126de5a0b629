# SPDX-License-Identifier: Apache-2.0
"""The table of topics, services and actions: the one place for names, types and QoS.

Nodes make every publisher, subscription, service and client from a row of this table, and
docs/interfaces.md is generated from it.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any, Literal

Scope = Literal['ward', 'robot', 'global']


def load_type(name: str) -> Any:
    """Return the class of an interface, e.g. 'care_msgs/msg/Beat'.

    Imported when first used: a node loads the type support of its own messages only.
    """
    package, kind, interface = name.split('/')
    return getattr(importlib.import_module(f'{package}.{kind}'), interface)


@dataclass(frozen=True)
class Topic:
    """A topic of the graph.

    Attributes:
        name: Name below the namespace of the scope; `{bed}` and `{name}` stand for numbers, names.
        type: Interface type.
        qos: Name of a profile in care_node.qos.
        publishers: Node names that publish it; 'any' for anyone.
        subscribers: Node names that read it.
        scope: Namespace that the name is relative to.
        purpose: One line for the table of record.
    """

    name: str
    type: str
    qos: str
    publishers: tuple[str, ...]
    subscribers: tuple[str, ...]
    purpose: str
    scope: Scope = 'ward'


@dataclass(frozen=True)
class Service:
    """A service of the graph; attributes as those of `Topic`."""

    name: str
    type: str
    server: str
    clients: tuple[str, ...]
    purpose: str
    scope: Scope = 'ward'


@dataclass(frozen=True)
class Action(Service):
    """An action of the graph."""


SOURCES = ('recording', 'patient_simulator')

WAVEFORM = Topic(
    'bed_{bed}/waveform', 'care_msgs/msg/Waveform', 'stream',
    SOURCES, ('vitals', 'tablet', 'records'),
    'One chunk, about 40 ms, of all channels of a device',
)  # fmt: skip
BEAT = Topic(
    'bed_{bed}/beat', 'care_msgs/msg/Beat', 'event',
    ('vitals',), ('tablet', 'records'),
    'A heart beat, as soon as it is known',
)  # fmt: skip
EVENT = Topic(
    'bed_{bed}/event', 'care_msgs/msg/ClinicalEvent', 'event',
    ('vitals', 'vision'), ('alarms', 'records'),
    'A condition begins or ends, at once',
)  # fmt: skip
MEASUREMENT = Topic(
    'bed_{bed}/measurement', 'care_msgs/msg/Measurement', 'event',
    ('tablet', 'peripherals'), ('vitals', 'records'),
    'A spot measurement',
)  # fmt: skip
VITALS = Topic(
    'bed_{bed}/vitals', 'care_msgs/msg/VitalSigns', 'periodic',
    ('vitals',), ('alarms', 'tablet', 'records'),
    'All vital signs of a bed, 1 Hz',
)  # fmt: skip
EARLY_WARNING = Topic(
    'bed_{bed}/early_warning', 'care_msgs/msg/EarlyWarning', 'latched',
    ('vitals',), ('alarms', 'tablet', 'records'),
    'Early-warning score',
)  # fmt: skip
PATIENT = Topic(
    'bed_{bed}/patient', 'care_msgs/msg/Patient', 'latched',
    ('alarms',), (*SOURCES, 'vitals', 'tablet', 'records'),
    'State of the bed and profile of the patient',
)  # fmt: skip
LIMITS = Topic(
    'bed_{bed}/limits', 'care_msgs/msg/Limits', 'latched',
    ('alarms',), ('tablet', 'records'),
    'Alarm limits in force',
)  # fmt: skip
WATCH = Topic(
    'bed_{bed}/watch', 'care_msgs/msg/Watch', 'latched',
    ('alarms',), ('tablet', 'vision', 'records'),
    'Whether a camera watches the bed',
)  # fmt: skip
ALARMS = Topic(
    'alarms', 'care_msgs/msg/AlarmList', 'latched',
    ('alarms',), ('tablet', 'peripherals', 'markers', 'records'),
    'Full snapshot of all alarms, on every change and each second',
)  # fmt: skip
TRUTH_BEAT = Topic(
    'bed_{bed}/truth/beat', 'care_msgs/msg/Beat', 'event',
    ('patient_simulator',), (),
    'Exact beats of a simulated patient; only tests read it',
)  # fmt: skip
TRUTH_VITALS = Topic(
    'bed_{bed}/truth/vitals', 'care_msgs/msg/VitalSigns', 'periodic',
    ('patient_simulator',), (),
    'Exact vital signs of a simulated patient, 1 Hz; only tests read it',
)  # fmt: skip
HEARTBEAT = Topic(
    'heartbeat', 'care_msgs/msg/Heartbeat', 'periodic',
    ('any',), ('supervisor', 'tablet', 'control'),
    'Sign of life of every ward node, 5 Hz',
)  # fmt: skip

IMAGE = Topic(
    'camera/image_raw', 'sensor_msgs/msg/Image', 'picture',
    ('camera',), ('vision',), 'Camera picture', 'robot',
)  # fmt: skip
IMAGE_COMPRESSED = Topic(
    'camera/image_raw/compressed', 'sensor_msgs/msg/CompressedImage', 'sensor',
    ('camera',), ('records',), 'Camera picture, JPEG', 'robot',
)  # fmt: skip
CAMERA_INFO = Topic(
    'camera/camera_info', 'sensor_msgs/msg/CameraInfo', 'sensor',
    ('camera',), ('vision',), 'Camera calibration', 'robot',
)  # fmt: skip
DETECTIONS = Topic(
    'camera/detections', 'vision_msgs/msg/Detection2DArray', 'detection',
    ('vision',), ('tasks',), 'Objects in the picture, id is the track', 'robot',
)  # fmt: skip
VIEW = Topic(
    'camera/view/compressed', 'sensor_msgs/msg/CompressedImage', 'sensor',
    ('vision',), ('tablet',), 'Blurred picture: the only one for tablets', 'robot',
)  # fmt: skip
PERSONS = Topic(
    'persons', 'care_msgs/msg/PersonArray', 'detection',
    ('vision',), ('alarms', 'tasks'), 'Persons seen', 'robot',
)  # fmt: skip
SCAN = Topic(
    'scan', 'sensor_msgs/msg/LaserScan', 'sensor',
    ('lidar',), ('control', 'navigation'), 'Laser scan', 'robot',
)  # fmt: skip
IMU = Topic(
    'imu/data', 'sensor_msgs/msg/Imu', 'sensor',
    ('imu',), ('control',), 'Inertial unit', 'robot',
)  # fmt: skip
BATTERY = Topic(
    'battery_state', 'sensor_msgs/msg/BatteryState', 'sensor',
    ('control',), ('tablet', 'tasks'), 'Battery', 'robot',
)  # fmt: skip
RANGE = Topic(
    'range/{name}', 'sensor_msgs/msg/Range', 'sensor',
    ('peripherals',), ('control',), 'Near-field range', 'robot',
)  # fmt: skip
CMD_VEL = Topic(
    'cmd_vel', 'geometry_msgs/msg/TwistStamped', 'command',
    ('tasks', 'navigation'), ('control',), 'Velocity command', 'robot',
)  # fmt: skip
CMD_VEL_TELEOP = Topic(
    'cmd_vel_teleop', 'geometry_msgs/msg/TwistStamped', 'command',
    ('teleop',), ('control',), 'Velocity command by hand, needs its dead-man', 'robot',
)  # fmt: skip
STOP = Topic(
    'stop', 'care_msgs/msg/Stop', 'latched',
    ('any',), ('control',), "A person's stop, latched", 'robot',
)  # fmt: skip
CMD_VEL_APPLIED = Topic(
    'cmd_vel_applied', 'geometry_msgs/msg/TwistStamped', 'periodic',
    ('control',), ('records',), 'Velocity that control lets pass', 'robot',
)  # fmt: skip
ODOMETRY = Topic(
    'odom', 'nav_msgs/msg/Odometry', 'periodic',
    ('control',), ('tasks', 'tablet', 'navigation'), 'Odometry', 'robot',
)  # fmt: skip
JOINT_TRAJECTORY = Topic(
    'joint_trajectory', 'trajectory_msgs/msg/JointTrajectory', 'command',
    ('tasks',), ('control',), 'Positions for lift, pan and tilt to go to', 'robot',
)  # fmt: skip
JOINT_STATES = Topic(
    'joint_states', 'sensor_msgs/msg/JointState', 'periodic',
    ('control',), ('state_publisher',), 'Joint positions', 'robot',
)  # fmt: skip
TF = Topic(
    'tf', 'tf2_msgs/msg/TFMessage', 'transform',
    ('control', 'state_publisher', 'navigation'), ('any',), 'Transforms', 'robot',
)  # fmt: skip
TF_STATIC = Topic(
    'tf_static', 'tf2_msgs/msg/TFMessage', 'static_transform',
    ('state_publisher', 'tasks'), ('any',), 'Transforms that never change', 'robot',
)  # fmt: skip
ROBOT_DESCRIPTION = Topic(
    'robot_description', 'std_msgs/msg/String', 'latched',
    ('state_publisher',), ('any',), 'The robot as URDF', 'robot',
)  # fmt: skip
SAFETY_STATE = Topic(
    'safety_state', 'care_msgs/msg/SafetyState', 'latched',
    ('control',), ('any',), 'Why the robot moves or does not', 'robot',
)  # fmt: skip
ROBOT_HEARTBEAT = Topic(
    'heartbeat', 'care_msgs/msg/Heartbeat', 'periodic',
    ('any',), ('supervisor', 'tablet', 'control'),
    'Sign of life of every robot node, 5 Hz', 'robot',
)  # fmt: skip
DRAWERS_STATE = Topic(
    'drawers/state', 'care_msgs/msg/DrawersState', 'latched',
    ('peripherals',), ('alarms', 'tablet', 'tasks', 'control'), 'State of the drawers', 'robot',
)  # fmt: skip
LIGHTS_STATE = Topic(
    'lights/state', 'care_msgs/msg/LightsState', 'latched',
    ('peripherals',), ('tablet',), 'State of the light bar', 'robot',
)  # fmt: skip
ESTOP_SENSE = Topic(
    'estop_sense', 'care_msgs/msg/EstopSense', 'latched',
    ('peripherals',), ('control', 'tablet'), 'Emergency-stop line', 'robot',
)  # fmt: skip
NURSE_CALL = Topic(
    'nurse_call', 'care_msgs/msg/NurseCall', 'latched',
    ('peripherals',), ('alarms',), 'Nurse-call button; silent while it cannot be read', 'robot',
)  # fmt: skip
TASKS = Topic(
    'tasks', 'care_msgs/msg/TaskList', 'latched',
    ('tasks',), ('tablet',), 'Tasks of the robot', 'robot',
)  # fmt: skip
MARKERS = Topic(
    'markers', 'visualization_msgs/msg/MarkerArray', 'latched',
    ('markers',), (), 'Beds, alarms and persons for RViz', 'robot',
)  # fmt: skip
DIAGNOSTICS = Topic(
    '/diagnostics', 'diagnostic_msgs/msg/DiagnosticArray', 'periodic',
    ('any',), ('any',), 'Health of every node, 1 Hz', 'global',
)  # fmt: skip

SET_LIMITS = Service(
    'alarms/set_limits', 'care_msgs/srv/SetLimits', 'alarms', ('tablet',), 'Set alarm limits'
)
ACKNOWLEDGE = Service(
    'alarms/acknowledge', 'care_msgs/srv/AcknowledgeAlarm', 'alarms', ('tablet',),
    'Acknowledge one alarm',
)  # fmt: skip
PAUSE_AUDIO = Service(
    'alarms/pause_audio', 'care_msgs/srv/PauseAudio', 'alarms', ('tablet',), 'Pause alarm sound'
)
SET_PATIENT = Service(
    'alarms/set_patient', 'care_msgs/srv/SetPatient', 'alarms', ('tablet',),
    'Admit, discharge, change the profile',
)  # fmt: skip
RESET = Service(
    'control/reset', 'care_msgs/srv/Reset', 'control', ('tablet',),
    'Reset stop, e-stop and fault latches', 'robot',
)  # fmt: skip
HOME_JOINTS = Service(
    'control/home_joints', 'std_srvs/srv/Trigger', 'control', ('tasks',),
    'Find the lower end of joints that need it', 'robot',
)  # fmt: skip
SET_MODE = Service(
    'control/set_mode', 'care_msgs/srv/SetMode', 'control', ('tablet', 'tasks'),
    'Choose who commands the base', 'robot',
)  # fmt: skip
UNLOCK_DRAWER = Service(
    'drawers/unlock', 'care_msgs/srv/UnlockDrawer', 'peripherals', ('tasks',),
    'Unlock one drawer with a grant', 'robot',
)  # fmt: skip
SET_LIGHTS = Service(
    'lights/set', 'care_msgs/srv/SetLights', 'peripherals', ('alarms', 'tasks'),
    'Set the light bar', 'robot',
)  # fmt: skip
SET_SOUND = Service(
    'sound/set', 'care_msgs/srv/SetSound', 'peripherals', ('alarms', 'tasks'),
    'Play an alarm sound', 'robot',
)  # fmt: skip
EXECUTE_TASK = Action(
    'execute_task', 'care_msgs/action/ExecuteTask', 'tasks', ('tablet',),
    "A nurse's command to the robot", 'robot',
)  # fmt: skip

TOPICS: tuple[Topic, ...] = tuple(v for v in list(globals().values()) if isinstance(v, Topic))
SERVICES: tuple[Service, ...] = tuple(v for v in list(globals().values()) if isinstance(v, Service))
