# SPDX-License-Identifier: Apache-2.0
import struct

import numpy as np
import pytest
from care_tablet import frames
from care_tablet.frames import Channel, Chunk
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

samples = hnp.arrays(
    np.float32,
    st.integers(0, 60),
    elements=st.one_of(st.floats(-40, 40, width=32), st.just(np.float32('nan'))),
)
channels = st.lists(
    st.builds(
        Channel,
        name=st.sampled_from(frames.CHANNELS),
        unit=st.sampled_from(['mV', '{NU}', 'mm[Hg]']),
        rate_hz=st.sampled_from([62.5, 250.0, 360.0, 500.0]),
        first_index=st.integers(0, 2**63),
        samples=samples,
        flags=st.integers(0, 255),
    ),
    max_size=8,
)
chunks = st.builds(
    Chunk,
    bed=st.integers(1, 255),
    t0=st.floats(0, 4e9),
    origin=st.integers(0, 2),
    channels=channels,
    flags=st.integers(0, 7),
    sequence=st.integers(0, 2**32 - 1),
)


@settings(max_examples=200)
@given(chunks)
def test_a_decoded_frame_is_the_chunk_within_half_a_count(chunk):
    decoded = frames.decode(frames.encode(chunk))
    assert (decoded.bed, decoded.t0, decoded.origin) == (chunk.bed, chunk.t0, chunk.origin)
    assert (decoded.flags, decoded.sequence) == (chunk.flags, chunk.sequence)
    assert len(decoded.channels) == len(chunk.channels)
    for got, sent in zip(decoded.channels, chunk.channels, strict=True):
        assert (got.name, got.rate_hz, got.first_index, got.flags) == (
            sent.name, sent.rate_hz, sent.first_index, sent.flags,
        )  # fmt: skip
        scale, _ = frames.quantise(sent.samples, sent.unit)
        np.testing.assert_array_equal(np.isnan(got.samples), np.isnan(sent.samples))
        np.testing.assert_allclose(got.samples, sent.samples, atol=0.51 * scale, rtol=1e-6)


@given(st.floats(0, 2.0**120, width=32), st.sampled_from(['mV', '{NU}', 'odd']))
def test_a_large_sample_is_rescaled_and_never_wraps(value, unit):
    scale, counts = frames.quantise(np.array([value, -value, 0], np.float32), unit)
    assert counts[0] >= 0 >= counts[1]
    assert counts.min() > frames.MISSING
    assert counts[0] * scale == pytest.approx(value, abs=0.51 * scale)


def test_an_electrode_offset_keeps_a_microvolt_per_count():
    scale, counts = frames.quantise(np.array([-8.7, 32.7], np.float32), 'mV')
    assert scale == pytest.approx(0.001)
    assert counts.tolist() == [-8700, 32700]


def test_what_is_not_finite_is_sent_as_missing():
    _, counts = frames.quantise(np.array([np.nan, np.inf, -np.inf, 1], np.float32), 'mV')
    assert counts.tolist() == [-32768, -32768, -32768, 1000]


def test_the_layout_is_the_published_one():
    chunk = Chunk(
        bed=3,
        t0=12.5,
        origin=2,
        sequence=7,
        flags=frames.GAP,
        channels=[Channel('ecg_v1', 'mV', 250.0, 99, np.array([0.5, -0.5], np.float32), 4)],
    )
    expected = struct.pack('<BBBBIdB7x', 1, 3, 1, 1, 7, 12.5, 2)
    expected += struct.pack('<BBHffIQ', 1, 4, 2, 250.0, 0.001, 0, 99)
    expected += struct.pack('<2h4x', 500, -500)
    assert frames.encode(chunk) == expected
    assert frames.sequence_of(expected) == 7
    assert frames.bed_of(expected) == 3


@given(chunks, st.data())
def test_a_frame_that_is_cut_off_is_refused(chunk, data):
    frame = frames.encode(chunk)
    cut = data.draw(st.integers(0, len(frame) - 1))
    with pytest.raises(ValueError, match=r'frame|bytes'):
        frames.decode(frame[:cut])


def test_flags_are_added_and_nothing_else_changes():
    frame = frames.encode(Chunk(1, 2.0, 0, [], flags=frames.SEAM))
    flagged = frames.with_flags(frame, frames.GAP)
    assert frames.decode(flagged).flags == frames.SEAM | frames.GAP
    assert frames.decode(frame).flags == frames.SEAM
    assert flagged[:3] + flagged[4:] == frame[:3] + frame[4:]


def test_a_channel_without_a_name_in_the_protocol_is_left_out():
    one = Channel('resp', '{NU}', 25.0, 0, np.zeros(1, np.float32))
    other = Channel('seismograph', 'mm', 25.0, 0, np.zeros(1, np.float32))
    chunk = frames.known(Chunk(1, 0.0, 0, [one, other]))
    assert [c.name for c in chunk.channels] == ['resp']
