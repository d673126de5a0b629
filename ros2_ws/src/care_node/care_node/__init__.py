# SPDX-License-Identifier: Apache-2.0
"""Base of Nightingale's Python nodes: what every node has in common, and nothing else."""
