# SPDX-License-Identifier: Apache-2.0
"""Waveforms to vital signs: beats, heart rate, pulse, signal quality, asystole."""
