# SPDX-License-Identifier: Apache-2.0
import numpy as np
from care_vitals.channels import (
    GAP,
    LEAD_OFF,
    SATURATED,
    SEAM,
    ChannelChunk,
    Missing,
    Present,
    Splitter,
)

NAN = float('nan')


def _split(splitter: Splitter, first: int, samples: list[float], flags: int = 0) -> list[str]:
    """Return the stretches as words: start and length of what is there, bounds of what is not."""
    chunk = ChannelChunk('ecg_ii', 100.0, first, np.array(samples), flags)
    words = []
    for stretch in splitter.split(chunk):
        if isinstance(stretch, Missing):
            words.append(f'missing {stretch.start}-{stretch.stop}{" seam" * stretch.seam}')
        else:
            assert isinstance(stretch, Present)
            assert np.isfinite(stretch.samples).all()
            words.append(f'{stretch.start}+{stretch.samples.size}')
    return words


def test_consecutive_chunks_are_one_stretch() -> None:
    splitter = Splitter(100.0)
    assert _split(splitter, 7, [1.0] * 4) == ['7+4']
    assert _split(splitter, 11, [1.0] * 4) == ['11+4']


def test_a_jump_of_the_index_is_missing_but_for_the_bridged_part() -> None:
    splitter = Splitter(100.0)
    _split(splitter, 0, [1.0] * 4)
    assert _split(splitter, 10, [1.0] * 4) == ['4+2', 'missing 6-10', '10+4']


def test_one_or_two_missing_samples_are_bridged_by_the_last_value() -> None:
    splitter = Splitter(100.0)
    stretches = list(splitter.split(ChannelChunk('e', 100.0, 0, np.array([1.0, 5.0, NAN, NAN]))))
    values = [v for s in stretches if isinstance(s, Present) for v in s.samples]
    assert values == [1.0, 5.0, 5.0, 5.0]


def test_bridging_does_not_start_anew_with_each_chunk() -> None:
    splitter = Splitter(100.0)
    _split(splitter, 0, [1.0, NAN, NAN])
    assert _split(splitter, 3, [NAN, NAN, 1.0]) == ['missing 3-5', '5+1']


def test_infinite_samples_are_missing() -> None:
    splitter = Splitter(100.0)
    assert _split(splitter, 0, [float('inf'), float('-inf'), 1.0]) == ['missing 0-2', '2+1']


def test_samples_of_a_lead_that_is_off_are_not_used_however_they_look() -> None:
    splitter = Splitter(100.0)
    assert _split(splitter, 0, [1.0] * 4, LEAD_OFF) == ['missing 0-0', 'missing 0-4']


def test_a_gap_flag_without_a_jump_still_breaks_the_stretch() -> None:
    splitter = Splitter(100.0)
    _split(splitter, 0, [1.0] * 4)
    assert _split(splitter, 4, [1.0] * 4, GAP) == ['missing 4-4', '4+4']


def test_a_seam_breaks_the_stretch_and_says_so() -> None:
    splitter = Splitter(100.0)
    _split(splitter, 0, [1.0] * 4)
    assert _split(splitter, 4, [1.0] * 4, SEAM) == ['missing 4-4 seam', '4+4']


def test_saturation_is_passed_on() -> None:
    stretches = list(Splitter(100.0).split(ChannelChunk('e', 100.0, 0, np.ones(3), SATURATED)))
    assert isinstance(stretches[0], Present)
    assert stretches[0].saturated


def test_an_index_that_goes_back_is_a_device_that_began_anew() -> None:
    splitter = Splitter(100.0)
    _split(splitter, 50, [1.0] * 4)
    assert splitter.restarted(ChannelChunk('e', 100.0, 0, np.ones(3)))
    assert not splitter.restarted(ChannelChunk('e', 100.0, 54, np.ones(3)))
