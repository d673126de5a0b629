# SPDX-License-Identifier: AGPL-3.0-or-later
"""Exports an ultralytics model to an ONNX file for care_vision, and tries the file there.

`python -m care_vision_ultralytics.export MODEL.pt [--size 480 640] [--output FILE]`
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from care_vision.detection import ModelError
from care_vision.onnx_detector import OnnxDetector

from care_vision_ultralytics.library import load_model

_OPSET = 17


def export(model: Path, size: tuple[int, int], output: Path) -> OnnxDetector:
    """Write a model as ONNX file; return it as a detector.

    Args:
        model: .pt file.
        size: Height and width of the input [px]; the camera's shape saves a quarter of the time.
        output: File to write.

    Raises:
        ModelError: The model cannot be loaded, exported, written, or used by care_vision.
    """
    loaded = load_model(model)
    if loaded.task not in ('detect', 'pose'):
        raise ModelError(f'{model} is made for the task "{loaded.task}".', 'Give detect or pose.')
    try:
        made = Path(loaded.export(format='onnx', imgsz=list(size), opset=_OPSET, simplify=False))
        if made.resolve() != output.resolve():
            shutil.move(made, output)
    except Exception as error:  # torch and ultralytics raise whatever they like
        raise ModelError(
            f'{model} cannot be exported: {type(error).__name__}: {error}.',
            'See that onnx is installed and the folder can be written to.',
        ) from error
    return OnnxDetector(output)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog='python -m care_vision_ultralytics.export')
    parser.add_argument('model', type=Path, metavar='MODEL.pt')
    parser.add_argument(
        '--size', type=int, nargs=2, default=[480, 640], metavar=('HEIGHT', 'WIDTH'),
        help='input size in pixels, multiples of 32 (480 640)',
    )  # fmt: skip
    parser.add_argument('--output', type=Path, metavar='FILE', help='default: MODEL.onnx')
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return 0, or 2 for bad input with cause and cure on stderr."""
    arguments = _arguments(argv)
    output = arguments.output or arguments.model.with_suffix('.onnx')
    try:
        detector = export(arguments.model, tuple(arguments.size), output)
    except ModelError as error:
        print(f'export: {error.cause}\n  Cure: {error.cure}', file=sys.stderr)
        return 2
    print(f'{output}: {detector.metadata.task}, {len(detector.names)} classes')
    return 0


if __name__ == '__main__':
    sys.exit(main())
