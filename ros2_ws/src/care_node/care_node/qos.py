# SPDX-License-Identifier: Apache-2.0
"""Named QoS profiles: nodes never spell out a profile of their own."""

from rclpy.duration import Duration
from rclpy.qos import (
    DurabilityPolicy,
    HistoryPolicy,
    QoSProfile,
    ReliabilityPolicy,
)


def _profile(
    depth: int,
    reliability: ReliabilityPolicy = ReliabilityPolicy.RELIABLE,
    durability: DurabilityPolicy = DurabilityPolicy.VOLATILE,
    lifespan: Duration | None = None,
) -> QoSProfile:
    profile = QoSProfile(
        history=HistoryPolicy.KEEP_LAST,
        depth=depth,
        reliability=reliability,
        durability=durability,
    )
    if lifespan is not None:
        profile.lifespan = lifespan
    return profile


#: Streams in small chunks: 25 chunks a second for 4 s, so that a stalled reader loses nothing.
STREAM = _profile(100)
#: Events and spot values: none may be lost.
EVENT = _profile(50)
#: Periodic values.
PERIODIC = _profile(10)
#: State, handed to late joiners. Never a command: a restarted reader gets it again.
LATCHED = _profile(1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
#: Transforms that never change, from several publishers.
STATIC_TRANSFORM = _profile(100, durability=DurabilityPolicy.TRANSIENT_LOCAL)
#: Transforms.
TRANSFORM = _profile(100)
#: Sensor data where only the newest matters and a lost one is no loss.
SENSOR = _profile(5, reliability=ReliabilityPolicy.BEST_EFFORT)
#: Whole pictures: reliable and one deep on both sides, for best effort loses most of them.
PICTURE = _profile(1)
#: Results of vision.
DETECTION = _profile(5)
#: Velocity commands: the newest only, and none older than its use.
COMMAND = _profile(1, lifespan=Duration(nanoseconds=250_000_000))

NAMES: dict[str, QoSProfile] = {
    'stream': STREAM,
    'event': EVENT,
    'periodic': PERIODIC,
    'latched': LATCHED,
    'static_transform': STATIC_TRANSFORM,
    'transform': TRANSFORM,
    'sensor': SENSOR,
    'picture': PICTURE,
    'detection': DETECTION,
    'command': COMMAND,
}


def describe(name: str) -> str:
    """Return a profile in words, e.g. 'reliable, keep last 10'."""
    profile = NAMES[name]
    words = [
        'reliable' if profile.reliability == ReliabilityPolicy.RELIABLE else 'best effort',
        f'keep last {profile.depth}',
    ]
    if profile.durability == DurabilityPolicy.TRANSIENT_LOCAL:
        words.append('transient local')
    if 0 < profile.lifespan.nanoseconds < 1_000_000_000:  # 0 stands for none
        words.append(f'lifespan {profile.lifespan.nanoseconds // 1_000_000} ms')
    return ', '.join(words)
