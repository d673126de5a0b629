# SPDX-License-Identifier: Apache-2.0
"""`python -m care_launch`."""

import sys

from care_launch.cli import main

sys.exit(main())
