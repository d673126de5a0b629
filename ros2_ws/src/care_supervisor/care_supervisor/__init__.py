# SPDX-License-Identifier: Apache-2.0
"""Brings lifecycle nodes up in order, watches their heartbeats and kills a hung process."""
