# SPDX-License-Identifier: Apache-2.0
"""A network camera, as OpenCV really reads it: it comes, goes and comes back."""

import http.server
import threading
import time
from functools import partial

import cv2
import numpy as np
from care_sensors.camera_capture import CameraCapture, CameraState
from care_sensors.camera_source import open_source
from care_sensors.camera_spec import parse_source


class MotionJpeg(http.server.BaseHTTPRequestHandler):
    """Serves pictures that differ, until the server is told to hang up."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header('Content-Type', 'multipart/x-mixed-replace; boundary=b')
        self.end_headers()
        for k in range(1000):
            if self.server.hang_up.is_set():
                return
            picture = np.full((48, 64, 3), (k * 7) % 256, np.uint8)
            packed = cv2.imencode('.jpg', picture)[1].tobytes()
            head = f'--b\r\nContent-Type: image/jpeg\r\nContent-Length: {len(packed)}\r\n\r\n'
            self.wfile.write(head.encode() + packed + b'\r\n')
            time.sleep(0.02)

    def log_message(self, *_: object) -> None:
        return


def serve(port: int = 0) -> http.server.ThreadingHTTPServer:
    server = http.server.ThreadingHTTPServer(('127.0.0.1', port), MotionJpeg)
    server.hang_up = threading.Event()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server


def end(server: http.server.ThreadingHTTPServer) -> None:
    server.hang_up.set()
    server.shutdown()
    server.server_close()


def wait_until(condition, seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_network_camera_that_goes_is_lost_and_comes_back():
    server = serve()
    port = server.server_address[1]
    spec = parse_source(f'http://nurse:secret@127.0.0.1:{port}/camera.mjpg')
    got = []
    capture = CameraCapture(
        partial(open_source, spec, 0, 0, 30.0, 1.0),
        time.monotonic,
        lambda _stamp, picture: got.append(picture),
        rate_hz=30.0,
        frozen_after_s=5.0,
        retry_first_s=0.1,
    )
    capture.start()
    try:
        wait_until(lambda: len(got) > 5)
        assert got[0].shape == (48, 64, 3)
        end(server)
        wait_until(lambda: capture.report().state is CameraState.LOST)
        assert f'127.0.0.1:{port}/camera.mjpg' in capture.report().reason
        assert 'secret' not in capture.report().reason
        shown = len(got)
        server = serve(port)
        wait_until(lambda: len(got) > shown)
    finally:
        capture.stop()
        end(server)
