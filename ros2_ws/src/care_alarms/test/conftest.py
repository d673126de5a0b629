# SPDX-License-Identifier: Apache-2.0
"""Makes messages refuse what they cannot hold: an int in a float field becomes 0 otherwise."""

import os

os.environ.setdefault('ROS_PYTHON_CHECK_FIELDS', '1')
