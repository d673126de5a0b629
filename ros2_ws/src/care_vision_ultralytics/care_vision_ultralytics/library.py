# SPDX-License-Identifier: AGPL-3.0-or-later
"""Loads ultralytics when it is first needed, off-line, and says what to do where it is missing."""

from __future__ import annotations

import atexit
import importlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from care_vision.detection import ModelError


def load_model(path: Path | str, task: str | None = None) -> Any:
    """Return an ultralytics model (.pt, or .onnx with its task).

    Raises:
        ModelError: ultralytics is not installed, or cannot load the file.
    """
    if not Path(path).is_file():
        # Or ultralytics would look for a file of that name on the network.
        raise ModelError(f'There is no model file {path}.', 'Give the path of a .pt or .onnx file.')
    yolo = _library().YOLO
    try:
        return yolo(str(path), task=task, verbose=False)
    except Exception as error:  # whatever its many loaders raise
        raise ModelError(
            f'ultralytics cannot load {path}: {type(error).__name__}: {error}.',
            'Give a file that ultralytics has written.',
        ) from error


def _library() -> Any:
    # It must neither call home nor write into a home folder that may not be there.
    os.environ.setdefault('YOLO_OFFLINE', 'true')
    if 'YOLO_CONFIG_DIR' not in os.environ:
        folder = tempfile.mkdtemp(prefix='nightingale-ultralytics-')
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        os.environ['YOLO_CONFIG_DIR'] = folder
    try:
        return importlib.import_module('ultralytics')
    except ImportError as error:
        raise ModelError(
            f'ultralytics cannot be imported: {error}.',
            'Install it: pip install ultralytics (AGPL-3.0), with the CPU build of torch.',
        ) from error
