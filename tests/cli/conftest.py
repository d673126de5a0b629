# SPDX-License-Identifier: Apache-2.0
"""Lets these tests import the command line, which is not installed anywhere."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'tools'))
