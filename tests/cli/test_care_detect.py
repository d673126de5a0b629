# SPDX-License-Identifier: Apache-2.0
"""./care detect hands everything to the module that does the work."""

from care_cli import detect
from care_cli.cli import main


def test_all_arguments_reach_the_module_in_their_order(monkeypatch):
    started = []
    monkeypatch.setattr(detect, 'prepare', lambda layout: None)
    monkeypatch.setattr(detect, 'run_environment', lambda layout, env: {'A': 'b'})
    monkeypatch.setattr(detect, 'become', lambda command, env: started.append((command, env)) or 0)
    words = ['a.jpg', '--model', 'm.onnx', 'b.jpg', '--conf', '0.5', '--jsonl', '-']
    assert main(['detect', *words]) == 0
    ((command, env),) = started
    assert command[1:] == ['-m', 'care_vision.detect', *words]
    assert env == {'A': 'b'}
