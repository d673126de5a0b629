# SPDX-License-Identifier: AGPL-3.0-or-later
"""Between ROS messages and the plain classes of this package."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from builtin_interfaces.msg import Time
from care_msgs import msg
from care_node.transforms import Pose

from care_peripherals.alarm_watch import Standing
from care_peripherals.drawers import Drawer
from care_peripherals.grant import Grant, sign_grant
from care_peripherals.light_bar import Light

_NS = 1_000_000_000


def nanoseconds(time: Time) -> int:
    """Return a stamp in nanoseconds."""
    return int(time.sec) * _NS + int(time.nanosec)


def _time(ns: int) -> Time:
    return Time(sec=ns // _NS, nanosec=ns % _NS)


def grant(message: msg.Grant) -> Grant:
    """Return the grant of a message."""
    return Grant(
        order_id=message.order_id,
        order_version=message.order_version,
        admission_id=message.admission_id,
        drawer=message.drawer,
        purpose=message.purpose,
        place=message.place,
        user=message.user,
        witness=message.witness,
        issued_ns=nanoseconds(message.issued),
        expires_ns=nanoseconds(message.expires),
        nonce=message.nonce,
        signature=bytes(bytearray(message.signature)),
    )


def sign(message: msg.Grant, key: bytes) -> msg.Grant:
    """Return the message with the signature of its fields set."""
    message.signature = list(sign_grant(grant(message), key).signature)
    return message


def standing(message: msg.AlarmList) -> list[Standing]:
    """Return what matters here of the alarms."""
    return [
        Standing(a.priority, a.state, nanoseconds(a.audio_paused_until) / _NS)
        for a in message.alarms
    ]


def drawers(
    known: Iterable[Drawer], enabled: bool, reason: str, origin: int, stamp: Time
) -> msg.DrawersState:
    """Return the state of all drawers."""
    message = msg.DrawersState(locks_enabled=enabled, reason=reason)
    message.header.stamp, message.origin.value = stamp, origin
    message.drawers = [
        msg.DrawerState(
            drawer=drawer.number,
            state=int(drawer.state),
            bolt_extended=drawer.bolt_extended,
            reed_closed=drawer.reed_closed,
            grant_nonce=drawer.grant,
        )
        for drawer in known
    ]
    return message


def lights(light: Light, origin: int, stamp: Time) -> msg.LightsState:
    """Return the state of the light bar."""
    red, green, blue = light.colour
    message = msg.LightsState(
        priority=light.priority,
        red=red,
        green=green,
        blue=blue,
        flash_hz=light.flash_hz,
        duty=light.duty,
    )
    message.header.stamp, message.origin.value = stamp, origin
    return message


def estop(engaged: bool, reason: str, readable: bool, origin: int, stamp: Time) -> msg.EstopSense:
    """Return the state of the emergency-stop line."""
    message = msg.EstopSense(engaged=engaged, readable=readable, reason=reason)
    message.header.stamp, message.origin.value = stamp, origin
    return message


def nurse_call(since_ns: int, origin: int, stamp: Time) -> msg.NurseCall:
    """Return the state of the robot's own nurse call; 0 [ns] when none stands."""
    message = msg.NurseCall(bed=0, pressed=since_ns > 0, since=_time(since_ns))
    message.header.stamp, message.origin.value = stamp, origin
    return message


def transforms(message: Any) -> list[tuple[str, str, float, Pose]]:
    """Return parent, child, stamp [s] and pose of each transform of a TFMessage."""
    found = []
    for one in message.transforms:
        t, r = one.transform.translation, one.transform.rotation
        pose = Pose((t.x, t.y, t.z), (r.x, r.y, r.z, r.w))
        stamp = nanoseconds(one.header.stamp) / _NS
        found.append((one.header.frame_id, one.child_frame_id, stamp, pose))
    return found
