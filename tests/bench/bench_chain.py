# SPDX-License-Identifier: Apache-2.0
"""How long things take through the whole chain: sample to screen, alarm to screen, STOP to rest.

One stack, one headless Chromium on its page, all on this machine and its one clock. Browser times
are those at which the page's WebSocket hands a frame over. The camera figure needs a model and
pictures from NIGHTINGALE_TEST_DATA and is left out, saying so, where they are missing.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from care_msgs.msg import ClinicalEvent, Patient, Stop
from care_node import graph
from care_node.testing import Probe, probing
from figures import Figure
from playwright.sync_api import Page
from robot_drive import Driver, driving
from tablet_browser import running_browser, tablet_page
from ward_stack import REPOSITORY, Stack, running_stack, wait_for

WATCH_SECONDS = 20.0
REPEATS = 20
#: Notes when each frame reaches the page: sample delays [s], and alarms by id [unix s].
_NOTE_FRAMES = """
window.bench = {samples: [], alarms: {}};
const Socket = window.WebSocket;
window.WebSocket = class extends Socket {
  constructor(...words) {
    super(...words);
    this.addEventListener('message', (event) => {
      const now = (performance.timeOrigin + performance.now()) / 1000;
      if (typeof event.data === 'string') {
        if (!event.data.includes('"alarms"')) return;
        const message = JSON.parse(event.data);
        if (message.type !== 'alarms') return;
        for (const alarm of message.alarms) window.bench.alarms[alarm.id] ??= [alarm.code, now];
      } else if (event.data instanceof ArrayBuffer) {
        const view = new DataView(event.data);
        const replayed = view.getUint8(3) & 2;
        if (!replayed) window.bench.samples.push(now - view.getFloat64(8, true));
      }
    });
  }
};
"""


def _two(name: str, values: Sequence[float], goals: tuple[float, float]) -> list[Figure]:
    p50, p99 = np.percentile(np.asarray(values) * 1000.0, (50, 99))
    return [
        Figure(f'{name}, p50', float(p50), 'ms', goals[0]),
        Figure(f'{name}, p99', float(p99), 'ms', goals[1]),
    ]


def _samples(page: Page) -> list[float]:
    page.evaluate('window.bench.samples.length = 0')
    page.wait_for_timeout(WATCH_SECONDS * 1000)
    return list(page.evaluate('window.bench.samples'))


def _alarms(page: Page, ward: Probe) -> list[float]:
    """Begin and end a condition at bed 4; return how long each alarm took to the page."""
    patients: list[Patient] = ward.collect(graph.PATIENT, bed=4)
    events = ward.publisher(graph.EVENT, bed=4)
    ward.matched(events)
    wait_for(lambda: patients, 10, 'the patient of bed 4')
    delays = []
    for _ in range(REPEATS):
        known = set(page.evaluate('Object.keys(window.bench.alarms)'))
        began = _publish(ward, events, patients[-1].admission_id, True)
        page.wait_for_function(
            '(n) => Object.keys(window.bench.alarms).length > n', arg=len(known), timeout=10_000
        )
        alarms: dict[str, list[Any]] = page.evaluate('window.bench.alarms')
        delays.append(min(at for key, (_, at) in alarms.items() if key not in known) - began)
        _publish(ward, events, patients[-1].admission_id, False)
        page.wait_for_timeout(600)
    return delays


def _publish(ward: Probe, events: Any, admission: str, on: bool) -> float:
    now = ward.node.get_clock().now()
    event = ClinicalEvent(
        bed=4, admission_id=admission, name='signal_poor', on=on, evidence='bench'
    )
    event.origin.value = event.origin.SIMULATED
    event.header.stamp = event.onset = now.to_msg()
    events.publish(event)
    return float(now.nanoseconds) * 1e-9


def _pictures(driver: Driver) -> list[float]:
    delays: list[float] = []

    def take(message: Any) -> None:
        stamp = message.header.stamp.sec + message.header.stamp.nanosec * 1e-9
        delays.append(time.time() - stamp)

    driver.probe.node.create_subscription(
        graph.load_type(graph.DETECTIONS.type), graph.DETECTIONS.name, take, 5
    )
    time.sleep(WATCH_SECONDS)
    return delays


def _motion(driver: Driver, stack: Stack) -> tuple[list[float], list[float]]:
    """Command and STOP by turns; return the times to motion and to a command of zero [s]."""
    release = driver.probe.publisher(graph.STOP)
    started, stopped = [], []
    outward = True
    for _ in range(REPEATS):
        # Turned long before an end of the way: there the robot may already be where it is sent.
        outward = driver.at()[0] < (2.5 if outward else 1.0)
        began = time.monotonic()
        driver.send('go_to_bed' if outward else 'return', 3)
        started.append(_after(began, lambda: _asked(driver) > 1e-4))
        wait_for(lambda: driver.speed() > 0.15, 20, 'motion')
        began = time.monotonic()
        request = urllib.request.Request(
            stack.url + 'stop', data=b'{}', method='POST',
            headers={'Origin': stack.url.rstrip('/'), 'Content-Type': 'application/json'},
        )  # fmt: skip
        urllib.request.urlopen(request, timeout=5).close()
        stopped.append(_after(began, lambda: _asked(driver) < 1e-4))
        release.publish(Stop(engaged=False, source='tablet', user='bench'))
        driver.release()
        driver.wait_ready()
    return started, stopped


def _asked(driver: Driver) -> float:
    twist = driver.applied[-1].twist
    return abs(float(twist.linear.x)) + abs(float(twist.angular.z))


def _after(began: float, condition: Callable[[], bool]) -> float:
    while not condition():
        if time.monotonic() - began > 10.0:
            raise TimeoutError('the robot did not follow within 10 s')
        time.sleep(0.001)
    return time.monotonic() - began


def measure() -> list[Figure]:
    """Measure all of it once."""
    data = Path(os.environ.get('NIGHTINGALE_TEST_DATA', REPOSITORY.parent / 'shared'))
    model = data / 'models/yolov8n-pose_480x640.onnx'
    camera = {'camera': str(data / 'data/images'), 'model': str(model)} if model.is_file() else {}
    chromium = shutil.which('chromium')
    if chromium is None:
        raise SystemExit('no Chromium: apt-get install chromium')
    found: list[Figure] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        running_stack(Path(folder), **camera) as stack,
        running_browser(chromium) as browser,
        probing('/ward') as ward,
        driving() as driver,
    ):
        page = tablet_page(browser)
        page.add_init_script(_NOTE_FRAMES)
        page.goto(stack.url)
        driver.wait_ready()
        found += _two('oldest sample of a chunk to browser', _samples(page), (100.0, 250.0))
        found += _two('alarm condition to browser', _alarms(page, ward), (100.0, 500.0))
        if camera:
            found += _two('camera frame to detection', _pictures(driver), (300.0, 600.0))
        else:
            print('no camera figure: NIGHTINGALE_TEST_DATA has no model')
        started, stopped = _motion(driver, stack)
        found += _two('command to motion', started, (200.0, 500.0))
        found += _two('STOP to zero command', stopped, (500.0, 1000.0))
    return found
