# SPDX-License-Identifier: Apache-2.0
"""The robot's shape: its description, joint transforms and markers."""
