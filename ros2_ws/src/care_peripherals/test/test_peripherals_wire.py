# SPDX-License-Identifier: AGPL-3.0-or-later
"""Private messages survive the wire whole or not at all."""

import pytest
from care_peripherals import wire

KEY = b'b' * 32
BEAT = wire.Heartbeat(
    65535, 2**32 - 1, 513, True, True, False, True, 7, 2**31,
    (wire.DrawerBits(), wire.DrawerBits(True, False, True, False)),
)  # fmt: skip


def test_crc_is_the_published_one() -> None:
    assert wire.crc16(b'123456789') == 0x29B1


@pytest.mark.parametrize('length', range(20))
def test_any_bytes_fit_into_seven_bits_and_back(length: int) -> None:
    data = bytes((i * 37 + 250) % 256 for i in range(length))
    packed = wire.pack7(data)
    assert all(byte < 0x80 for byte in packed)
    assert wire.unpack7(packed) == data


def test_a_heartbeat_arrives_as_it_was() -> None:
    assert wire.heartbeat(wire.heartbeat_data(BEAT)) == BEAT


def test_every_flipped_bit_of_a_heartbeat_is_noticed() -> None:
    data = wire.heartbeat_data(BEAT)
    padding = 7 * len(data) % 8
    for bit in range(7 * len(data) - padding):
        broken = bytearray(data)
        broken[bit // 7] ^= 1 << bit % 7
        with pytest.raises(ValueError, match='checksum'):
            wire.heartbeat(bytes(broken))


def test_an_unlock_is_signed_over_every_field() -> None:
    unlock = wire.Unlock(1, 80, 3, 4000, 9)
    data = wire.unlock_data(unlock, KEY)
    assert wire.unlock(data, KEY) == (unlock, True)
    assert wire.unlock(data, b'x' * 32)[1] is False
    raw = bytearray(wire.unseal(data))
    for i in range(len(raw)):
        forged = bytearray(raw)
        forged[i] ^= 1
        assert wire.unlock(wire.seal(bytes(forged)), KEY)[1] is False


def test_an_unlock_fits_into_the_buffer_of_the_board() -> None:
    assert len(wire.unlock_data(wire.Unlock(1, 80, 3, 4000, 9), KEY)) + 3 <= 64


def test_an_answer_of_no_known_code_is_refused() -> None:
    assert wire.answer(wire.answer_data(wire.Answer(5, wire.AnswerCode.OPEN))).number == 5
    with pytest.raises(ValueError, match='99'):
        wire.answer(wire.seal(bytes((0, 0, 0, 1, 99))))
