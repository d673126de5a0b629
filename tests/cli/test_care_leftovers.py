# SPDX-License-Identifier: Apache-2.0
import fcntl
import mmap
import os
import time
from pathlib import Path

import pytest
from care_cli import leftovers


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    """Return a folder like /dev/shm after a node was killed."""
    for name in ('fastrtps_0a1b', 'fastrtps_0a1b_el', 'fastrtps_port7413', 'other'):
        (tmp_path / name).write_bytes(b'\0' * 4096)
    (tmp_path / 'sem.fastrtps_port7413_mutex').touch()
    (tmp_path / 'lttng-ust-wait-6').touch()
    return tmp_path


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_files_that_nobody_holds_are_removed_and_others_left(memory):
    assert leftovers.remove_unheld(memory) == 5
    assert names(memory) == {'other'}


def test_a_mapped_file_keeps_all_files_of_its_segment(memory):
    with (memory / 'fastrtps_0a1b').open('r+b') as file:
        mapped = mmap.mmap(file.fileno(), 4096)
    leftovers.remove_unheld(memory)
    assert names(memory) == {'other', 'fastrtps_0a1b', 'fastrtps_0a1b_el'}
    mapped.close()


def test_an_open_file_keeps_all_files_of_its_port(memory):
    with (memory / 'fastrtps_port7413').open('rb'):
        leftovers.remove_unheld(memory)
        kept = {'other', 'fastrtps_port7413', 'sem.fastrtps_port7413_mutex'}
        assert names(memory) == kept


def test_a_file_locked_by_a_process_that_proc_does_not_show_is_kept(memory, monkeypatch):
    monkeypatch.setattr(leftovers, 'held_families', lambda folder: set())
    with (memory / 'fastrtps_0a1b_el').open('rb') as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        leftovers.remove_unheld(memory)
        assert names(memory) == {'other', 'fastrtps_0a1b', 'fastrtps_0a1b_el'}


def test_files_of_another_user_are_left(memory, monkeypatch):
    monkeypatch.setattr('os.getuid', lambda: 12345)
    assert leftovers.remove_unheld(memory) == 0


@pytest.mark.parametrize(
    ('name', 'expected'),
    [
        ('fastrtps_d3aa01', 'fastrtps_d3aa01'),
        ('fastrtps_d3aa01_el', 'fastrtps_d3aa01'),
        ('fastrtps_port7410_el', 'fastrtps_port7410'),
        ('sem.fastrtps_port7410_mutex', 'fastrtps_port7410'),
    ],
)
def test_files_of_one_segment_belong_together(name, expected):
    assert leftovers.family(name) == expected


def test_logs_of_long_ago_are_removed_and_recent_ones_kept(tmp_path):
    for name, days in (('old.log', 15), ('recent.log', 13)):
        (tmp_path / name).touch()
        written = time.time() - days * 86400
        os.utime(tmp_path / name, (written, written))
    leftovers.remove_old(tmp_path, 14)
    assert names(tmp_path) == {'recent.log'}
