# SPDX-License-Identifier: Apache-2.0
"""What brings real signals in: recordings and vital-sign front ends."""
