# SPDX-License-Identifier: Apache-2.0
"""Run measurements by name: each bench_NAME.py beside this file has `measure() -> list[Figure]`."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from figures import Figure, report


def main() -> int:
    """Measure, print, write; a missed goal is a figure, not a failure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('names', nargs='+', metavar='NAME')
    parser.add_argument('--json', type=Path, metavar='FILE')
    options = parser.parse_args()
    figures: list[Figure] = []
    for name in options.names:
        print(f'measuring {name}', file=sys.stderr, flush=True)
        figures += importlib.import_module(f'bench_{name}').measure()
    report(figures, options.json)
    return 0


if __name__ == '__main__':
    sys.exit(main())
