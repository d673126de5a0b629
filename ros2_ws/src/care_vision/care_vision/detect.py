# SPDX-License-Identifier: Apache-2.0
"""Command `care detect`: what a model sees in pictures, a JSON line each."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

from care_sensors.camera_pictures import read_picture
from care_sensors.camera_spec import CameraError

from care_vision.detection import Detection, Detector, ModelError, Picture
from care_vision.onnx_detector import OnnxDetector


def line(image: str, picture: Picture, detections: Sequence[Detection]) -> dict[str, Any]:
    """Return the line of a picture, ready for JSON; all coordinates in its own pixels."""
    height, width = picture.shape[:2]
    return {
        'image': image,
        'width': width,
        'height': height,
        'detections': [
            {
                'name': found.name,
                'score': round(found.score, 6),
                'xyxy': [round(value, 3) for value in found.box],
                'keypoints': [[round(float(v), 3) for v in point] for point in found.keypoints],
            }
            for found in detections
        ],
    }


def lines(images: Sequence[str], detector: Detector) -> Iterator[dict[str, Any]]:
    """Yield the line of each picture file; raise CameraError for one that is broken."""
    for image in images:
        picture = read_picture(Path(image))
        yield line(image, picture, detector.detect(picture))


def _share(text: str) -> float:
    value = float(text)
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError(f'{text} is not above 0 and at most 1')
    return value


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog='care detect',
        description='Objects and persons in pictures, by any ultralytics detect or pose export. '
        'Research and education, not a medical device.',
    )
    parser.add_argument('images', nargs='+', metavar='IMAGE', help='picture file')
    parser.add_argument('--model', required=True, metavar='FILE', help='ONNX file')
    parser.add_argument('--conf', type=_share, default=0.25, metavar='C', help='least score (0.25)')
    parser.add_argument(
        '--iou', type=_share, default=0.7, metavar='I',
        help='of two boxes of a class that overlap more, one goes (0.7)',
    )  # fmt: skip
    parser.add_argument('--jsonl', required=True, metavar='FILE', help='output; - for stdout')
    # Options may stand between the pictures.
    return parser.parse_intermixed_args(argv)


def _output(path: str) -> contextlib.AbstractContextManager[TextIO]:
    if path == '-':
        return contextlib.nullcontext(sys.stdout)
    try:
        return Path(path).open('w', encoding='utf-8')
    except OSError as error:
        raise CameraError(
            f'{path} cannot be written: {error.strerror}.', 'Give another file with --jsonl.'
        ) from error


def _run(arguments: argparse.Namespace) -> None:
    detector = OnnxDetector(arguments.model, arguments.conf, arguments.iou)
    # What can be refused is refused before the output file is touched.
    for image in arguments.images:
        read_picture(Path(image))
    with _output(arguments.jsonl) as out:
        for found in lines(arguments.images, detector):
            out.write(json.dumps(found) + '\n')


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return 0, or 2 for bad input with cause and cure on stderr."""
    try:
        _run(_arguments(argv))
    except (ModelError, CameraError) as error:
        print(f'care detect: {error.cause}\n  Cure: {error.cure}', file=sys.stderr)
        return 2
    return 0


if __name__ == '__main__':
    sys.exit(main())
