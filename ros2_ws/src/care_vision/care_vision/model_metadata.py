# SPDX-License-Identifier: Apache-2.0
"""What an ultralytics export says of itself: the metadata of an ONNX file, checked.

All values are texts; names, sizes and shapes are Python literals in them. Older exports lack some
keys, so only `task` and `names` are asked for.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from care_vision.detection import ModelError

TASKS = ('detect', 'pose')
_EXPORT = 'Export it with ultralytics: YOLO(FILE).export(format="onnx").'


@dataclass(frozen=True)
class ModelMetadata:
    """What a model is.

    Attributes:
        task: 'detect' or 'pose'.
        names: Name of each class.
        size: Height and width of its input [px], or None when the file does not say.
        keypoints: Number of keypoints, 0 for none.
        keypoint_values: Values of each keypoint: 2 (x, y) or 3 (and visibility).
    """

    task: str
    names: tuple[str, ...]
    size: tuple[int, int] | None
    keypoints: int
    keypoint_values: int

    @property
    def keypoint_rows(self) -> int:
        """Rows of the output that hold keypoints."""
        return self.keypoints * self.keypoint_values


def read_metadata(texts: Mapping[str, str], path: str) -> ModelMetadata:
    """Return the metadata of a model.

    Args:
        texts: Custom metadata of the ONNX file.
        path: Path of the file, for messages.

    Raises:
        ModelError: It has none, or not what is needed.
    """
    missing = [key for key in ('task', 'names') if not texts.get(key)]
    if missing:
        raise ModelError(f'Model {path} does not say its {" and ".join(missing)}.', _EXPORT)
    task = texts['task']
    if task not in TASKS:
        raise ModelError(
            f'Model {path} is made for the task "{task}".', f'Give one for {" or ".join(TASKS)}.'
        )
    count, values = _keypoint_shape(texts, path) if task == 'pose' else (0, 3)
    return ModelMetadata(task, _names(texts, path), _size(texts, path), count, values)


def _literal(texts: Mapping[str, str], key: str, path: str) -> Any:
    try:
        return ast.literal_eval(texts[key])
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise _unreadable(texts, key, path) from None


def _unreadable(texts: Mapping[str, str], key: str, path: str) -> ModelError:
    return ModelError(
        f'Model {path} has unreadable metadata: {key} is {texts[key][:60]!r}.', _EXPORT
    )


def _names(texts: Mapping[str, str], path: str) -> tuple[str, ...]:
    names = _literal(texts, 'names', path)
    if isinstance(names, list | tuple):
        names = dict(enumerate(names))
    if not isinstance(names, dict) or sorted(names, key=str) != sorted(range(len(names)), key=str):
        raise _unreadable(texts, 'names', path)
    if not names or not all(isinstance(name, str) for name in names.values()):
        raise _unreadable(texts, 'names', path)
    return tuple(names[k] for k in range(len(names)))


def _size(texts: Mapping[str, str], path: str) -> tuple[int, int] | None:
    if not texts.get('imgsz'):
        return None
    size = _literal(texts, 'imgsz', path)
    pair = (size, size) if type(size) is int else size
    if not _whole(pair, 2, 8, 8192):
        raise _unreadable(texts, 'imgsz', path)
    return (pair[0], pair[1])


def _keypoint_shape(texts: Mapping[str, str], path: str) -> tuple[int, int]:
    if not texts.get('kpt_shape'):
        raise ModelError(f'Pose model {path} does not say its kpt_shape.', _EXPORT)
    shape = _literal(texts, 'kpt_shape', path)
    if not _whole(shape, 2, 1, 1000) or shape[1] not in (2, 3):
        raise _unreadable(texts, 'kpt_shape', path)
    return (shape[0], shape[1])


def _whole(values: Any, count: int, low: int, high: int) -> bool:
    """Tell whether it is `count` whole numbers in a range."""
    if not isinstance(values, list | tuple) or len(values) != count:
        return False
    return all(type(value) is int and low <= value <= high for value in values)
