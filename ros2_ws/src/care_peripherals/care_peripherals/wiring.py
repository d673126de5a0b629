# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pins of the board (Arduino Uno numbering): the one place that both ends read.

Tone uses timer 2, which takes PWM from D3 and D11; so the light bar sits on D5, D6 and D9.
"""

RED_PIN = 5
GREEN_PIN = 6
BLUE_PIN = 9
TONE_PIN = 4
ESTOP_PIN = 2
CALL_PIN = 15
CANCEL_PIN = 16
#: Solenoids of drawers 1, 2, ...: no plain write moves them.
LOCK_PINS = (7, 8, 10, 11)
#: Reed switches of drawers 1, 2, ...
REED_PINS = (12, 17, 18, 19)
PIN_COUNT = 20
FIRST_ANALOG_PIN = 14
INSTANCE_ID = 1
BAUD_RATE = 115200
