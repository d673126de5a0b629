# SPDX-License-Identifier: Apache-2.0
"""The command line of Nightingale: standard library only, for it precedes every installation."""
