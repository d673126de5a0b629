# SPDX-License-Identifier: Apache-2.0
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from care_cli import instance
from care_cli.errors import CareError

TOOLS = Path(__file__).resolve().parents[2] / 'tools'
ADDRESS = 'http://127.0.0.1:8080/'


def test_a_second_ward_on_the_same_state_is_told_pid_and_address_of_the_first(tmp_path):
    with instance.claim(tmp_path, ADDRESS), pytest.raises(CareError) as caught:
        instance.claim(tmp_path, 'http://127.0.0.1:9000/')
    assert f'running here already: pid {os.getpid()}, {ADDRESS}' in caught.value.cause
    assert caught.value.code == 1


def test_after_the_first_has_ended_the_next_may_start(tmp_path):
    with instance.claim(tmp_path, ADDRESS):
        assert instance.running(tmp_path) == instance.Instance(os.getpid(), ADDRESS)
    assert instance.running(tmp_path) is None
    instance.claim(tmp_path, ADDRESS).close()


def test_a_killed_ward_does_not_stand_in_the_way(tmp_path):
    code = (
        f'import sys, os, signal, pathlib; sys.path.insert(0, {str(TOOLS)!r})\n'
        'from care_cli import instance\n'
        f'kept = instance.claim(pathlib.Path({str(tmp_path)!r}), {ADDRESS!r})\n'
        'os.kill(os.getpid(), signal.SIGKILL)\n'
    )
    subprocess.run([sys.executable, '-c', code], check=False)
    assert (tmp_path / 'care.lock').read_text()
    assert instance.running(tmp_path) is None
    instance.claim(tmp_path, ADDRESS).close()


def test_no_ward_is_running_where_none_ever_was(tmp_path):
    assert instance.running(tmp_path / 'none') is None


def test_a_port_in_use_is_refused_naming_who_has_it_and_the_way_out():
    with socket.socket() as other:
        other.bind(('127.0.0.1', 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CareError) as caught:
            instance.require_port(port)
    assert f'port {port} is in use (pid {os.getpid()}' in caught.value.cause
    assert f'./care up port:={port + 1}' in caught.value.cure
    instance.require_port(port)
