# SPDX-License-Identifier: AGPL-3.0-or-later
"""The detector of ultralytics itself, with the interface of care_vision: the reference."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from care_vision.detection import Detection, Floats, Picture, as_box

from care_vision_ultralytics.library import load_model


class UltralyticsDetector:
    """Finds objects with ultralytics' own prediction."""

    def __init__(
        self,
        path: Path | str,
        confidence: float = 0.25,
        overlap: float = 0.7,
        size: tuple[int, int] | None = None,
        task: str | None = None,
    ) -> None:
        """Load a model.

        Args:
            path: .pt or .onnx file.
            confidence: Scores up to this are dropped.
            overlap: Of two boxes of a class with a higher intersection over union the weaker is
                dropped.
            size: Height and width of the input [px]; None for the model's own.
            task: 'detect' or 'pose', for files that do not say.

        Raises:
            ModelError: ultralytics is missing, or cannot load the file.
        """
        self._model = load_model(path, task)
        self._options: dict[str, Any] = {'conf': confidence, 'iou': overlap, 'verbose': False}
        if size is not None:
            self._options['imgsz'] = list(size)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the classes it knows."""
        return tuple(self._model.names.values())

    def detect(self, picture: Picture) -> list[Detection]:
        """Return what is in a picture (height x width x 3, BGR), highest score first."""
        result = self._model.predict(picture, **self._options)[0]
        keypoints = _keypoints(result)
        found = [
            Detection(result.names[int(index)], float(score), as_box(box), points)
            for box, score, index, points in zip(
                result.boxes.xyxy.cpu().numpy(),
                result.boxes.conf.cpu().numpy(),
                result.boxes.cls.cpu().numpy(),
                keypoints,
                strict=True,
            )
        ]
        return sorted(found, key=lambda detection: -detection.score)


def _keypoints(result: Any) -> list[Floats]:
    if result.keypoints is None:
        return [np.zeros((0, 3), np.float32)] * len(result.boxes)
    data = result.keypoints.data.cpu().numpy().astype(np.float32)
    if data.shape[2] == 2:
        data = np.concatenate([data, np.ones((*data.shape[:2], 1), np.float32)], axis=2)
    return list(data)
