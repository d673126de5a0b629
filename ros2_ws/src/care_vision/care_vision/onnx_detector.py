# SPDX-License-Identifier: Apache-2.0
"""Runs any ultralytics detect or pose export with onnxruntime; the file's metadata decides which.

Neither torch nor ultralytics is needed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime

from care_vision.decoding import Found, decode, decode_ended
from care_vision.detection import Detection, Floats, ModelError, Picture, as_box
from care_vision.letterbox import Letterbox
from care_vision.model_metadata import ModelMetadata, read_metadata

_DEFAULT_SIZE = (640, 640)
_TYPES: dict[str, type[np.floating]] = {'tensor(float)': np.float32, 'tensor(float16)': np.float16}


@dataclass(frozen=True)
class StageTimes:
    """How long the stages of the last detection took [s]."""

    pre: float = 0.0
    inference: float = 0.0
    post: float = 0.0


class OnnxDetector:
    """A detector on onnxruntime, on the CPU.

    Attributes:
        metadata: What the model says of itself.
        times: Stages of the last detection.
    """

    def __init__(
        self, path: Path | str, confidence: float = 0.25, overlap: float = 0.7, threads: int = 1
    ) -> None:
        """Load a model and try it once.

        Args:
            path: ONNX file.
            confidence: Scores up to this are dropped.
            overlap: Of two boxes of a class with a higher intersection over union the weaker is
                dropped.
            threads: Threads of one inference; more than one is slower on a busy computer.

        Raises:
            ModelError: The file cannot be used.
        """
        self._path = str(path)
        self._session = _open(self._path, threads)
        texts = self._session.get_modelmeta().custom_metadata_map
        self.metadata: ModelMetadata = read_metadata(texts, self._path)
        self._confidence, self._overlap = confidence, overlap
        self.times = StageTimes()
        self._input, self._type, size = self._check_input()
        self._letterbox = Letterbox(*size)
        self._ended = False
        self._try_once()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the classes it knows."""
        return self.metadata.names

    def detect(self, picture: Picture) -> list[Detection]:
        """Return what is in a picture (height x width x 3, BGR), highest score first."""
        start = time.perf_counter()
        blob = self._letterbox.fill(picture)
        filled = time.perf_counter()
        output = self._infer(blob)
        inferred = time.perf_counter()
        found = self._detections(self._decode(output))
        self.times = StageTimes(filled - start, inferred - filled, time.perf_counter() - inferred)
        return found

    def _infer(self, blob: Floats) -> Floats:
        data = blob if self._type is np.float32 else blob.astype(self._type)
        output = self._session.run(None, {self._input: data})[0]
        return np.asarray(output[0], np.float32)

    def _decode(self, output: Floats) -> Found:
        shape = (self.metadata.keypoints, self.metadata.keypoint_values)
        if self._ended:
            return decode_ended(output, shape, self._confidence)
        return decode(output, len(self.names), shape, self._confidence, self._overlap)

    def _detections(self, found: Found) -> list[Detection]:
        boxes = self._letterbox.boxes_back(found.boxes)
        keypoints = self._keypoints_back(found.keypoints)
        return [
            Detection(self._name(int(index)), float(score), as_box(box), points)
            for index, score, box, points in zip(
                found.classes, found.scores, boxes, keypoints, strict=True
            )
        ]

    def _name(self, index: int) -> str:
        return self.names[index] if 0 <= index < len(self.names) else f'class {index}'

    def _keypoints_back(self, keypoints: Floats) -> Floats:
        back = np.ones((*keypoints.shape[:2], 3), np.float32)
        back[..., :2] = self._letterbox.points_back(keypoints[..., :2])
        if keypoints.shape[2] == 3:
            back[..., 2] = keypoints[..., 2]
        return back

    def _check_input(self) -> tuple[str, type[np.floating], tuple[int, int]]:
        inputs = self._session.get_inputs()
        shape = inputs[0].shape if len(inputs) == 1 else []
        if len(shape) != 4 or inputs[0].type not in _TYPES:
            raise self._foreign('its input is no picture')
        for have, want in zip(shape[:2], (1, 3), strict=True):
            if isinstance(have, int) and have != want:
                raise self._foreign(f'its input is {shape}, not 1 x 3 x height x width')
        said = self.metadata.size or _DEFAULT_SIZE
        sides = [
            have if isinstance(have, int) else say
            for have, say in zip(shape[2:], said, strict=True)
        ]
        return inputs[0].name, _TYPES[inputs[0].type], (sides[0], sides[1])

    def _try_once(self) -> None:
        """Find out the layout of the output; it also makes the first real picture no slower."""
        try:
            output = self._infer(self._letterbox.blob)
        except Exception as error:
            raise self._foreign(f'it does not run: {_first_line(error)}') from error
        plain = 4 + len(self.names) + self.metadata.keypoint_rows
        ended = 6 + self.metadata.keypoint_rows
        if output.ndim == 2 and output.shape[0] == plain:
            self._ended = False
        elif output.ndim == 2 and output.shape[1] == ended:
            self._ended = True
        else:
            raise self._foreign(
                f'its output is {output.shape}, neither {plain} rows nor {ended} columns'
            )

    def _foreign(self, why: str) -> ModelError:
        return ModelError(
            f'Model {self._path} is no ultralytics {self.metadata.task} export: {why}.',
            'Export it with ultralytics: YOLO(FILE).export(format="onnx").',
        )


def _open(path: str, threads: int) -> onnxruntime.InferenceSession:
    if not Path(path).is_file():
        raise ModelError(f'There is no model file {path}.', 'Give the path of an ONNX file.')
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what is wrong is told by the exception
    try:
        return onnxruntime.InferenceSession(path, options, providers=['CPUExecutionProvider'])
    except Exception as error:
        # onnxruntime has an exception type for each of its status codes, with no useful base.
        raise ModelError(
            f'{path} is no ONNX model that can be loaded: {_first_line(error)}.',
            'Give an ONNX file, as ultralytics exports it.',
        ) from error


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
