# SPDX-License-Identifier: Apache-2.0
"""./care doctor: what could be wrong with this machine or a running ward, each with its cure."""

import argparse
import json
import os
import platform
import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from care_cli import clock, instance, leftovers, parts
from care_cli.layout import DEFAULT_PORT, Layout
from care_cli.pages import build_stage, modules_stage, system_node_serves
from care_cli.processes import alive, command_of, descendants, parents
from care_cli.venv import environment_stage

OK, NOTE, FAULT = 'ok', 'note', 'FAULT'
SILENT_SECONDS = 1.0


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `level` is ok, note (worth knowing) or FAULT; a fault has its cure."""

    level: str
    subject: str
    text: str
    cure: str = ''


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ./care doctor takes."""
    parser.add_argument('--json', action='store_true', help='the findings as JSON')
    parser.add_argument(
        '--apt', action='store_true', help='only the packages that the system lacks, also for tests'
    )


def look_at_machine(layout: Layout) -> Iterator[Finding]:
    """Look at processor, memory, disk and Python."""
    memory = os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30
    cores = len(os.sched_getaffinity(0))
    text = f'{platform.machine()}, {cores} cores, {memory:.1f} GiB, Linux {platform.release()}'
    enough = cores >= 2 and memory >= 2
    cure = '' if enough else 'use a machine with two cores and 2 GiB at least'
    yield Finding(OK if enough else FAULT, 'machine', text, cure)
    free = shutil.disk_usage(layout.repo).free / 2**30
    # Once set up, only logs and state grow.
    wanted = 0.5 if layout.venv.exists() else parts.NEEDED_DISK_MIB / 1024
    cure = '' if free >= wanted else f'free {wanted:.1f} GiB on the disk of {layout.repo}'
    yield Finding(FAULT if cure else OK, 'disk', f'{free:.1f} GiB free', cure)
    ros = 'ROS 2 Jazzy is sourced' if layout.distribution else 'ROS 2 from wheels'
    yield Finding(OK, 'Python', f'{platform.python_version()} ({sys.executable}), {ros}')


def look_at_parts(_layout: Layout) -> Iterator[Finding]:
    """Look for what the system must bring."""
    lacking = parts.missing(parts.BUILD_PARTS)
    if lacking:
        names = ', '.join(part.name for part in lacking)
        yield Finding(FAULT, 'system parts', f'missing: {names}', parts.apt_line(lacking))
    else:
        yield Finding(OK, 'system parts', 'all there')
    for part in parts.missing(parts.TEST_PARTS):
        text = f'{part.name} is missing, it {part.reason}'
        yield Finding(NOTE, 'for tests', text, parts.apt_line([part]))
    if not system_node_serves():
        yield Finding(NOTE, 'Node.js', 'none of 20.19 or later with npm: taken from a wheel')


def look_at_set_up(layout: Layout) -> Iterator[Finding]:
    """Look whether environment and pages are made and current."""
    stages = [environment_stage(layout)]
    if (layout.web / 'package.json').is_file():
        stages += [modules_stage(layout), build_stage(layout)]
    for stage in stages:
        if stage.done():
            yield Finding(OK, stage.name, 'up to date')
        else:
            yield Finding(NOTE, stage.name, 'not made or outdated', './care build')


def look_at_clock(_layout: Layout) -> Iterator[Finding]:
    """Look whether the clock can be trusted: vital signs carry its stamps."""
    yield Finding(*clock.judge(clock.seconds_now(), clock.is_synchronised()))


def look_at_ward(layout: Layout) -> Iterator[Finding]:
    """Look at the running ward, its nodes and its port, or whether one could start."""
    running = instance.running(layout.state)
    if running is None:
        yield Finding(OK, 'ward', 'none is running')
        if instance.port_is_free(DEFAULT_PORT):
            yield Finding(OK, 'port', f'{DEFAULT_PORT} is free')
        else:
            pid = instance.port_holder(DEFAULT_PORT)
            who = f'pid {pid}: {command_of(pid)[:60]}' if pid else 'another program'
            cure = f'stop it, or ./care up port:={DEFAULT_PORT + 1}'
            yield Finding(FAULT, 'port', f'{DEFAULT_PORT} is in use ({who})', cure)
        return
    if not alive(running.pid):
        text = f'something else holds {layout.state}/care.lock (named pid {running.pid} is gone)'
        yield Finding(FAULT, 'ward', text, f'fuser -v {layout.state}/care.lock, then end it')
        return
    below = len(descendants(running.pid))
    yield Finding(OK, 'ward', f'pid {running.pid}, {running.address}, {below} processes')
    yield from look_at_nodes(running.address)


def look_at_nodes(address: str) -> Iterator[Finding]:
    """Look at each node's heartbeat, as the gateway hears it."""
    cure = 'see its messages in the terminal of ./care up; it is started again by itself'
    try:
        with urllib.request.urlopen(f'{address}health', timeout=2.0) as answer:
            nodes = json.load(answer).get('nodes') or []
    except (urllib.error.URLError, OSError, ValueError) as error:
        text = f'{address}health does not answer ({error})'
        yield Finding(
            FAULT, 'nodes', text, 'wait ten seconds after the start; else end it, start anew'
        )
        return
    for node in nodes:
        yield judge_node(node, cure)
    if not nodes:
        yield Finding(FAULT, 'nodes', 'the gateway hears no node', cure)


def judge_node(node: dict[str, object], cure: str) -> Finding:
    """Judge one entry of the gateway's list: state, age of the heartbeat in s, fault text."""
    name, state, fault = (str(node.get(key) or '') for key in ('node', 'state', 'fault'))
    age = node.get('age')
    fresh = isinstance(age, int | float) and age <= SILENT_SECONDS
    text = f'{state}, heard {age:.1f} s ago' if isinstance(age, int | float) else 'never heard'
    if state == 'ACTIVE' and fresh and not fault:
        return Finding(OK, f'node {name}', text)
    return Finding(FAULT, f'node {name}', f'{text} {fault}'.strip(), cure)


def look_at_leftovers(layout: Layout) -> Iterator[Finding]:
    """Look for what killed processes left: shared memory, and nodes without a ward."""
    files = leftovers.unheld()
    if files:
        size = sum(path.stat().st_size for path in files if path.exists()) / 2**20
        text = f'{len(files)} files in /dev/shm that nobody holds ({size:.0f} MiB)'
        yield Finding(FAULT, 'leftovers', text, './care up or ./care test removes them')
    else:
        yield Finding(OK, 'leftovers', 'no unheld shared memory')
    if instance.running(layout.state) is None:
        for pid in stray_nodes(layout):
            text = f'pid {pid} runs without a ward: {command_of(pid)[:70]}'
            yield Finding(FAULT, 'stray node', text, f'kill -INT {pid}')


def stray_nodes(layout: Layout) -> list[int]:
    """List processes started from this checkout's install space."""
    mark = f'{layout.install}/lib/'
    return sorted(pid for pid in parents() if pid != os.getpid() and mark in command_of(pid))


LOOKS: tuple[Callable[[Layout], Iterator[Finding]], ...] = (
    look_at_machine,
    look_at_parts,
    look_at_set_up,
    look_at_clock,
    look_at_ward,
    look_at_leftovers,
)


def show(findings: list[Finding]) -> None:
    """Print the findings, one line each, a cure below what needs one."""
    for finding in findings:
        print(f'{finding.level:<5}  {finding.subject}: {finding.text}')
        if finding.cure:
            print(f'       cure: {finding.cure}')
    faults = sum(finding.level == FAULT for finding in findings)
    print(f'{faults} fault{"s" if faults != 1 else ""}')


def run(options: argparse.Namespace, layout: Layout) -> int:
    """Look at everything; returns 1 when there is a fault."""
    if options.apt:
        lacking = parts.missing((*parts.BUILD_PARTS, *parts.TEST_PARTS))
        print(*parts.packages(lacking))
        return 0
    findings = [finding for look in LOOKS for finding in look(layout)]
    if options.json:
        print(json.dumps([asdict(finding) for finding in findings], indent=1))
    else:
        show(findings)
    return int(any(finding.level == FAULT for finding in findings))
