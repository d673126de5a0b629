# SPDX-License-Identifier: Apache-2.0
"""Node `tablet`: the ward's topics on one side, the nurses' pages on the other.

The executor spins in the main thread, the web server's loop in a thread of its own. Messages go
over by `WebServer.post`, commands come back by `WardLink`; neither side waits for the other.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from ament_index_python.packages import PackageNotFoundError, get_package_share_directory
from care_node import graph
from care_node.errors import ConfigurationError
from care_node.node import CareNode, run
from care_node.parameters import Parameter
from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.subscription import Subscription

from care_tablet import accounts, server, translation, users
from care_tablet.app import make_app
from care_tablet.gateway import Gateway, Settings
from care_tablet.hub import to_json
from care_tablet.journal import Journal, JournalWriter
from care_tablet.robot_desk import RobotPlan
from care_tablet.robot_link import RobotLink
from care_tablet.robot_listener import RobotListener
from care_tablet.robot_map import NO_MAP, read_map
from care_tablet.translation import BedBoard, WaveformReader
from care_tablet.ward_link import WardLink

PARAMETERS = (
    Parameter('host', '127.0.0.1', 'Address to listen on; loopback only, there is no TLS yet'),
    Parameter('port', 8080, 'TCP port of the page; 0 for any free one', minimum=0, maximum=65535),
    Parameter('web_dir', '', 'Folder of the built pages; empty: those installed with the package'),
    Parameter(
        'demo_pin_file',
        '',
        'File with the PIN of the demo user, made when missing; empty: no demo user',
    ),
    Parameter(
        'idle_minutes',
        10.0,
        'A login ends after so long without a command',
        unit='min',
        minimum=1.0,
        maximum=60.0,
    ),
    Parameter(
        'ring_s',
        30.0,
        'Waveforms kept for pages that come back',
        unit='s',
        minimum=5.0,
        maximum=120.0,
    ),
    Parameter(
        'expected_nodes', ['vitals', 'alarms'], 'Nodes shown as silent even before they were heard'
    ),
)


class TabletNode(CareNode):
    """Thin adapter between the graph and the gateway."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__('tablet', PARAMETERS, **kwargs)
        self._undo: list[Callable[[], None]] = []
        self._listening: list[Subscription] = []

    @property
    def port(self) -> int:
        """Return the port that is listened on."""
        return self._server.port

    def configure(self) -> None:
        """Serve the page from here on: until activation it shows that nothing is heard."""
        try:
            self._configure()
        except Exception:
            self.cleanup()
            raise

    def _configure(self) -> None:
        sock = server.listen(self.value('host'), self.value('port'))
        self._undo.append(sock.close)
        self._journal = JournalWriter(Journal(self._state('tablet_journal.sqlite')))
        self._undo.append(self._journal.close)
        link = WardLink(self, lambda: self._server.loop)
        self._undo.append(link.close)
        # Kept over deactivation: their numbers go on counting for pages that stay connected.
        self._readers = {bed: WaveformReader() for bed in self.value('beds')}
        self._boards = {bed: BedBoard(bed) for bed in self.value('beds')}
        self._robot_link = RobotLink(self, lambda: self._server.loop)
        self._undo.append(self._robot_link.close)
        self._gateway = Gateway(
            self._settings(), self._accounts(), link, self._journal, self._robot()
        )
        desk = self._gateway.robot
        assert desk is not None
        desk.stop.restore()
        hosts = server.allowed_hosts(sock.getsockname()[0])
        self._server = server.WebServer(make_app(self._gateway, self._web_dir(), hosts), sock)
        self._server.start()
        self._undo.append(self._server.stop)
        self.every(1.0, self._check)
        self.get_logger().info(f'The page is at http://{self.value("host")}:{self.port}/')

    def activate(self) -> None:
        """Begin to listen; latched messages would be lost on a node that is not active yet."""
        for bed in self.value('beds'):
            self._listen_to(bed)
        self._listening += [
            self.listen(graph.ALARMS, self._take_alarms),
            self.listen(graph.HEARTBEAT, self._take_heartbeat),
            self.listen(graph.ROBOT_HEARTBEAT, self._take_heartbeat),
            *RobotListener(
                self, self._take_robot, self._take_picture, self._robot_link.running
            ).listen(),
        ]

    def deactivate(self) -> None:
        """Stop listening; the page stays and shows ages that grow."""
        while self._listening:
            self.release(self._listening.pop())

    def cleanup(self) -> None:
        """Stop the web server, close the journal."""
        self._listening.clear()
        while self._undo:
            self._undo.pop()()

    # Making ------------------------------------------------------------------------------------

    def _settings(self) -> Settings:
        names = dict(zip(self.value('beds'), self.value('bed_names'), strict=False))
        return Settings(
            boot=str(uuid.uuid4()),
            beds={bed: names.get(bed, f'Bed {bed}') for bed in self.value('beds')},
            ring_s=self.value('ring_s'),
            idle_s=self.value('idle_minutes') * 60.0,
            expected_nodes=tuple(self.value('expected_nodes')),
            ros_now=lambda: self.get_clock().now().nanoseconds * 1e-9,
        )

    def _robot(self) -> RobotPlan:
        stop = self.advertise(graph.STOP)
        message = graph.load_type(graph.STOP.type)

        def publish(engaged: bool, user: str, reason: str) -> None:
            news = message(engaged=engaged, source='tablet', user=user, reason=reason)
            news.header.stamp = self.stamp()
            stop.publish(news)

        return RobotPlan(
            self.value('robot'), self._map(), self._robot_link, publish, self._state('tablet_stop')
        )

    def _map(self) -> dict[str, Any]:
        names = ('home', 'beds', 'bed_poses', 'waypoints', 'ways')
        try:
            return read_map(*map(self.value, names))
        except ConfigurationError as error:
            # The robot refuses to drive by such a map; the patients are watched without one.
            self.get_logger().warning(str(error))
            return NO_MAP

    def _accounts(self) -> accounts.Accounts:
        file = self._state(users.FILE)
        known = accounts.Accounts() if file is None else accounts.load(file)
        if self.value('demo_pin_file'):
            known.add(accounts.demo_user(Path(self.value('demo_pin_file'))))
        if not known.list():
            self.get_logger().warning('There are no users: the page shows, nobody can log in.')
        return known

    def _state(self, name: str) -> Path | None:
        folder = self.value('state_dir')
        return Path(folder) / name if folder else None

    def _web_dir(self) -> Path:
        return Path(self.value('web_dir')) if self.value('web_dir') else installed_pages()

    # Messages ----------------------------------------------------------------------------------

    def _listen_to(self, bed: int) -> None:
        board = self._boards[bed]
        callbacks: tuple[tuple[graph.Topic, Callable[[Any], None]], ...] = (
            (graph.WAVEFORM, partial(self._take_waveform, self._readers[bed])),
            (graph.VITALS, self._take_vitals),
            (graph.BEAT, self._take_beat),
            (graph.PATIENT, partial(self._take_bed, bed, board.patient)),
            (graph.LIMITS, partial(self._take_bed, bed, board.limits)),
            (graph.WATCH, partial(self._take_bed, bed, board.watch)),
        )
        for topic, callback in callbacks:
            self._listening.append(self.listen(topic, self._of(bed, callback), bed=bed))

    def _of(self, bed: int, callback: Callable[[Any], None]) -> Callable[[Any], None]:
        """Refuse a message of another bed: it must never be shown at this one."""

        def take(message: Any) -> None:
            if message.bed != bed:
                raise ValueError(f'a message of bed {message.bed} came on a topic of bed {bed}')
            callback(message)

        return take

    def _take_waveform(self, reader: WaveformReader, message: Any) -> None:
        frame = reader.frame(message)
        if frame is not None:
            self._server.post(self._gateway.waveform, frame)

    def _take_vitals(self, message: Any) -> None:
        text = to_json(translation.vitals(message))
        self._server.post(self._gateway.vitals, message.bed, text)

    def _take_beat(self, message: Any) -> None:
        text = to_json(translation.beat(message))
        self._server.post(self._gateway.hub.beat, message.bed, text)

    def _take_bed(self, bed: int, board: Callable[[Any], dict[str, Any]], message: Any) -> None:
        self._server.post(self._gateway.hub.bed, bed, to_json(board(message)))

    def _take_alarms(self, message: Any) -> None:
        self._server.post(self._gateway.alarms, to_json(translation.alarm_list(message)))

    def _take_heartbeat(self, message: Any) -> None:
        self._server.post(self._gateway.status.heartbeat, translation.sign_of_life(message))

    def _take_robot(self, part: str, value: Any) -> None:
        self._server.post(self._gateway.robot_part, part, value)

    def _take_picture(self, jpeg: bytes, delay: float) -> None:
        desk = self._gateway.robot
        assert desk is not None
        self._server.post(desk.pictures.put, jpeg, delay)

    def _check(self) -> None:
        self.fault = self._journal.fault
        if not self._server.alive:
            self.fault = 'the web server has ended; the log says why'
        left_out = ', '.join(sorted(set().union(*(r.left_out for r in self._readers.values()))))
        level = DiagnosticStatus.WARN if left_out else DiagnosticStatus.OK
        text = f'channels without a place in the protocol: {left_out}' if left_out else 'serving'
        self.diagnose('web', level, text, pages=len(self._gateway.hub.clients), port=self.port)


def installed_pages() -> Path:
    """Return the folder of the pages that were installed with the package, else of the sources."""
    built = Path(__file__).resolve().parents[1] / 'web' / 'dist'
    try:
        share = Path(get_package_share_directory('care_tablet')) / 'web'
    except PackageNotFoundError:
        return built
    return share if share.is_dir() or not built.is_dir() else built


def main() -> None:
    """Run the node."""
    run(TabletNode)
