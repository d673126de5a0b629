# SPDX-License-Identifier: Apache-2.0
"""How long a new user waits, and what the idle ward costs.

Set-up is measured in a copy of this checkout: environment, pages and build from nothing (what pip
and npm keep in their caches is used, as it is on any second clone). Then the ward is started there,
once it is built, until the page answers and every node is active.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from figures import Figure

REPOSITORY = Path(__file__).resolve().parents[2]
SETTLE_SECONDS = 10.0
WATCH_SECONDS = 20.0
PAGE_LIMIT_SECONDS = 120.0


def copy_checkout(target: Path) -> None:
    """Copy what git knows or would add, as it stands now."""
    listing = ['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard']
    names = subprocess.run(listing, cwd=REPOSITORY, check=True, capture_output=True).stdout
    for name in filter(None, names.decode().split('\0')):
        if (REPOSITORY / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, target / name)


def free_port() -> int:
    """Return a port nobody uses now."""
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return int(probe.getsockname()[1])


def plain_environment() -> dict[str, str]:
    """Return our environment without what ./care has put into it."""
    ours = ('AMENT_', 'CMAKE_PREFIX', 'LD_LIBRARY', 'PYTHONPATH', 'VIRTUAL_ENV', 'NIGHTINGALE_')
    env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    venv = os.environ.get('VIRTUAL_ENV', '')
    path = env.get('PATH', '').split(':')
    env['PATH'] = ':'.join(folder for folder in path if folder != f'{venv}/bin')
    # Not the domain of a ward that may be running.
    env['ROS_DOMAIN_ID'] = '78'
    return env


@contextmanager
def ward(checkout: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run ./care up in a checkout, and end it."""
    command = ['./care', 'up', f'port:={port}']
    # Its output is discarded: a pipe nobody reads would stop it.
    process = subprocess.Popen(
        command, cwd=checkout, env=plain_environment(), stdout=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(10)


def wait_until(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> float:
    """Return the s until the condition holds; AssertionError when the ward ends or takes ages."""
    started = time.monotonic()
    while not condition():
        assert process.poll() is None, 'the ward ended by itself'
        assert time.monotonic() - started < PAGE_LIMIT_SECONDS, 'the page does not come up'
        time.sleep(0.05)
    return time.monotonic() - started


def fetch(url: str) -> bytes:
    """Return what a URL answers, b'' while it does not."""
    try:
        with urllib.request.urlopen(url, timeout=2.0) as answer:
            return bytes(answer.read())
    except OSError:
        return b''


def all_active(url: str) -> bool:
    """Say whether the gateway hears every node ACTIVE."""
    answer = fetch(f'{url}health')
    nodes = json.loads(answer).get('nodes', []) if answer else []
    return bool(nodes) and all(node['state'] == 'ACTIVE' for node in nodes)


def node_name(process: psutil.Process) -> str:
    """Name a node's process by its executable, '' for what is no node of ours."""
    for word in process.cmdline():
        path = Path(word)
        if path.name.endswith('_node') and path.parent.parent.name == 'lib':
            return path.name.removesuffix('_node')
    return ''


def load_of_idle_ward(launcher: int) -> list[Figure]:
    """Measure memory of each node and processor time of all, over WATCH_SECONDS."""
    processes = psutil.Process(launcher).children(recursive=True)
    before = sum(sum(one.cpu_times()[:2]) for one in processes)
    started = time.monotonic()
    time.sleep(WATCH_SECONDS)
    spent = sum(sum(one.cpu_times()[:2]) for one in processes) - before
    share = 100.0 * spent / (time.monotonic() - started)
    # Proportional: a page shared by n processes counts 1/n to each.
    memory = {node_name(one): one.memory_full_info().pss / 2**20 for one in processes}
    nodes = sorted((name, size) for name, size in memory.items() if name)
    figures = [Figure(f'memory of {name}', size, 'MiB', 120.0) for name, size in nodes]
    return [*figures, Figure('processor time of the idle ward', share, '%', 100.0)]


def measure() -> list[Figure]:
    """Set up, start twice, watch."""
    with tempfile.TemporaryDirectory(prefix='nightingale_bench_') as folder:
        checkout = Path(folder)
        copy_checkout(checkout)
        started = time.monotonic()
        build = ['./care', 'build']
        subprocess.run(build, cwd=checkout, env=plain_environment(), check=True)
        figures = [Figure('set-up from nothing', time.monotonic() - started, 's', 300.0)]
        port = free_port()
        url = f'http://127.0.0.1:{port}/'
        with ward(checkout, port) as process:
            page = wait_until(lambda: bool(fetch(url)), process)
            active = page + wait_until(lambda: all_active(url), process)
            figures.append(Figure('start until the page', page, 's', 10.0))
            figures.append(Figure('start until every node is active', active, 's', 15.0))
            time.sleep(SETTLE_SECONDS)
            figures += load_of_idle_ward(process.pid)
            started = time.monotonic()
        figures.append(Figure('end', time.monotonic() - started, 's', 5.0))
    return figures
