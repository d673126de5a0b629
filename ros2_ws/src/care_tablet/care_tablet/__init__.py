# SPDX-License-Identifier: Apache-2.0
"""Web gateway between the ward's topics and the nurses' pages."""

__version__ = '0.1.0'
