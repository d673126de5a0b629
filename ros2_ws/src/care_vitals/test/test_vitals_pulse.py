# SPDX-License-Identifier: Apache-2.0
from typing import Any

import numpy as np
import pytest
from care_vitals.pulse import PulseDetector, PulseQuality

_BEATS = np.arange(0.4, 29.4, 0.8)


def _judge(signal: Any, rate_hz: float, now: float) -> PulseQuality:
    quality = PulseQuality()
    for pulse in PulseDetector(rate_hz).process(signal):
        if pulse.known / rate_hz <= now:
            quality.add(pulse.sample / rate_hz, pulse)
    return quality


@pytest.mark.parametrize('rate_hz', [50.0, 125.0, 250.0])
@pytest.mark.parametrize('gain', [0.001, 1.0, 10000.0])
def test_every_pulse_is_found_whatever_rate_and_unit(
    pleth: Any, rate_hz: float, gain: float
) -> None:
    pulses = PulseDetector(rate_hz).process(gain * pleth(_BEATS, 30, rate_hz))
    assert len(pulses) == len(_BEATS)
    quality = _judge(gain * pleth(_BEATS, 30, rate_hz), rate_hz, 28.0)
    assert quality.rate(28.0) == pytest.approx(75, abs=1)
    assert quality.good(28.0)


def test_dicrotic_waves_are_not_counted(pleth: Any) -> None:
    slow = np.arange(0.4, 29.0, 1.3)
    assert len(PulseDetector(125.0).process(pleth(slow, 30))) == len(slow)


def test_a_pulse_that_stopped_has_no_rate_and_is_not_good(pleth: Any) -> None:
    quality = _judge(pleth(_BEATS[:20], 30), 125.0, 30.0)
    last = _BEATS[19]
    assert quality.good(last + 1.0)
    assert not quality.good(last + 2.5)
    assert np.isnan(quality.rate(last + 2.5))


def test_noise_is_no_pulse() -> None:
    noise = np.random.default_rng(1).normal(0, 1, 125 * 60)
    quality = PulseQuality()
    good = 0
    for pulse in PulseDetector(125.0).process(noise):
        quality.add(pulse.sample / 125, pulse)
        good += quality.good(pulse.known / 125)
    assert good == 0
