# SPDX-License-Identifier: AGPL-3.0-or-later
"""Light bar, sound, drawer locks, nurse call and emergency-stop sense on a serial board."""
