# SPDX-License-Identifier: Apache-2.0
"""Nurse commands become robot tasks, or refusals that say why."""
