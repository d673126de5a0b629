# SPDX-License-Identifier: Apache-2.0
"""Simulated patients: deterministic, with exact truth, driven by scenario files."""
