# SPDX-License-Identifier: Apache-2.0
"""Parameters of the node `alarms`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from care_node.errors import ConfigurationError
from care_node.parameters import Parameter

from care_alarms.settings import Settings

PARAMETERS = (
    Parameter(
        'limit_delay',
        3.0,
        'How long the heart rate must be outside a limit before the alarm',
        unit='s',
        minimum=0.0,
        maximum=15.0,
    ),
    Parameter(
        'extreme_delay',
        0.0,
        'How long the heart rate must be outside an extreme limit before the alarm',
        unit='s',
        minimum=0.0,
        maximum=5.0,
    ),
    Parameter(
        'hysteresis',
        2.0,
        'How far inside a limit the heart rate must come back before the alarm ends',
        unit='/min',
        minimum=0.0,
        maximum=10.0,
    ),
    Parameter(
        'source_lost_after',
        5.0,
        'Longest silence of the signals of a bed before the alarm',
        unit='s',
        minimum=2.0,
        maximum=10.0,
    ),
    Parameter(
        'vitals_lost_after',
        2.0,
        'Longest silence of the processing of vital signs before the alarm',
        unit='s',
        minimum=1.5,
        maximum=10.0,
    ),
    Parameter(
        'grace',
        8.0,
        'Wait for first signals after a start, an admission or a return from standby',
        unit='s',
        minimum=0.0,
        maximum=30.0,
    ),
    Parameter(
        'cleared_shown',
        30.0,
        'How long an alarm that is over stays on the list',
        unit='s',
        minimum=0.0,
        maximum=600.0,
    ),
    Parameter(
        'board_lost_after',
        2.0,
        'Longest silence of nurse calls and drawers before their alarms say "source lost"',
        unit='s',
        minimum=1.0,
        maximum=10.0,
    ),
    Parameter(
        'drawer_open_after',
        60.0,
        'How long a drawer may stand open before the alarm',
        unit='s',
        minimum=1.0,
        maximum=600.0,
    ),
    Parameter(
        'journal_entries',
        10_000,
        'Journal entries kept; the oldest beyond them are dropped',
        minimum=1000,
        maximum=1_000_000,
    ),
    Parameter(
        'admit_on_first_start',
        [0],
        'Beds that get an adult patient when no ward state is kept yet; 0 for none',
        minimum=0,
        maximum=255,
    ),
)


def settings(value: Callable[[str], Any]) -> Settings:
    """Return the settings of the engine from parameter values."""
    return Settings(
        limit_delay_s=value('limit_delay'),
        extreme_delay_s=value('extreme_delay'),
        hysteresis=value('hysteresis'),
        source_lost_s=value('source_lost_after'),
        vitals_lost_s=value('vitals_lost_after'),
        grace_s=value('grace'),
        cleared_shown_s=value('cleared_shown'),
        board_lost_s=value('board_lost_after'),
        drawer_open_s=value('drawer_open_after'),
    )


def admissions(value: Callable[[str], Any]) -> list[int]:
    """Return the beds that get a patient on the first start.

    Raises:
        ConfigurationError: One of them is no bed of the ward.
    """
    wanted = list(dict.fromkeys(bed for bed in value('admit_on_first_start') if bed))
    missing = sorted(set(wanted) - set(value('beds')))
    if missing:
        raise ConfigurationError(
            f'Parameter "admit_on_first_start" names beds {missing}, which the ward has not.',
            f'Beds of the ward are {value("beds")}.',
        )
    return wanted
