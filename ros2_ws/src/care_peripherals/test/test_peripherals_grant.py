# SPDX-License-Identifier: AGPL-3.0-or-later
"""A grant opens one drawer, once, in time, at its place, and only if it is genuine."""

import dataclasses
import hashlib
import hmac
from pathlib import Path
from typing import Any

import pytest
from care_peripherals.grant import Grant, KeyFileError, is_signed, load_key, sign_grant
from care_peripherals.grant_check import GrantCheck, Locks
from care_peripherals.nonce_store import NonceStore

KEY = b'k' * 32
S = 1_000_000_000
NOW = 1000 * S
GRANT = Grant(
    order_id='order-7', order_version=2, admission_id='a-1', drawer=2, purpose=1, place='bed_3',
    user='n1', witness='n2', issued_ns=NOW - S, expires_ns=NOW + 60 * S, nonce=77,
)  # fmt: skip
LOCKS = Locks(drawers=4, places=frozenset({'bed_3'}))


def check_of(path: Path | None = None) -> GrantCheck:
    return GrantCheck(KEY, NonceStore(path, 0))


def code(grant: Grant, locks: Locks = LOCKS, now: int = NOW) -> str:
    return check_of().check(sign_grant(grant, KEY), locks, now).code


def test_the_signed_bytes_are_the_documented_ones() -> None:
    signed = sign_grant(Grant(order_id='ä', drawer=1, issued_ns=1_500_000_000, nonce=258), KEY)
    layout = (
        b'nightingale grant 1\0' + b'\0\2\xc3\xa4' + b'\0\0\0\0' + b'\0\0' + b'\1\0' + b'\0\0' * 3
        + b'\0\0\0\1\x1d\xcd\x65\0' + b'\0' * 8 + b'\0\0\0\0\0\0\1\2'
    )  # fmt: skip
    assert signed.signature == hmac.new(KEY, layout, hashlib.sha256).digest()


def test_every_field_is_signed() -> None:
    signed = sign_grant(GRANT, KEY)
    assert is_signed(signed, KEY)
    for field in dataclasses.fields(Grant):
        if field.name == 'signature':
            continue
        value = getattr(signed, field.name)
        other: Any = value + 'x' if isinstance(value, str) else value + 1
        changed: dict[str, Any] = {field.name: other}
        assert not is_signed(dataclasses.replace(signed, **changed), KEY), field.name


def test_text_cannot_move_from_one_field_to_the_next() -> None:
    signed = sign_grant(dataclasses.replace(GRANT, user='ab', witness='c'), KEY)
    assert not is_signed(dataclasses.replace(signed, user='a', witness='bc'), KEY)


def test_a_good_grant_opens_once() -> None:
    check, grant = check_of(), sign_grant(GRANT, KEY)
    assert check.check(grant, LOCKS, NOW).code == 'ok'
    assert check.check(grant, LOCKS, NOW).code == 'replayed'


@pytest.mark.parametrize(
    ('locks', 'expected'),
    [
        (dataclasses.replace(LOCKS, disabled_because='x'), 'locks_disabled'),
        (dataclasses.replace(LOCKS, stale_because='x'), 'board_stale'),
        (dataclasses.replace(LOCKS, drawers=1), 'wrong_drawer'),
        (dataclasses.replace(LOCKS, places=frozenset()), 'wrong_place'),
        (dataclasses.replace(LOCKS, places=frozenset({'bed_4'})), 'wrong_place'),
        (dataclasses.replace(LOCKS, open_drawers=frozenset({2})), 'drawer_open'),
    ],
)
def test_what_a_person_can_put_right_leaves_the_grant_unspent(locks: Locks, expected: str) -> None:
    check, grant = check_of(), sign_grant(GRANT, KEY)
    assert check.check(grant, locks, NOW).code == expected
    assert check.check(grant, LOCKS, NOW).code == 'ok'


def test_a_grant_holds_up_to_its_expiry_only() -> None:
    assert code(GRANT, now=GRANT.expires_ns - 1) == 'ok'
    assert code(GRANT, now=GRANT.expires_ns) == 'expired'


def test_a_grant_from_the_future_is_refused() -> None:
    assert code(dataclasses.replace(GRANT, issued_ns=NOW + 4 * S)) == 'ok'
    assert code(dataclasses.replace(GRANT, issued_ns=NOW + 6 * S)) == 'expired'


def test_drawer_zero_does_not_exist() -> None:
    assert code(dataclasses.replace(GRANT, drawer=0)) == 'wrong_drawer'


def test_a_grant_of_another_key_is_forged() -> None:
    forged = sign_grant(GRANT, b'x' * 32)
    assert check_of().check(forged, LOCKS, NOW).code == 'forged'
    assert check_of().check(GRANT, LOCKS, NOW).code == 'forged'


def test_a_used_grant_stays_used_over_a_restart(tmp_path: Path) -> None:
    grant = sign_grant(GRANT, KEY)
    assert check_of(tmp_path / 'used').check(grant, LOCKS, NOW).code == 'ok'
    assert check_of(tmp_path / 'used').check(grant, LOCKS, NOW).code == 'replayed'


def test_all_used_grants_are_kept(tmp_path: Path) -> None:
    store = NonceStore(tmp_path / 'used', 0)
    for nonce in (1, 2, 3):
        store.use(nonce, NOW)
    kept = NonceStore(tmp_path / 'used', 0)
    assert [kept.used(nonce) for nonce in (1, 2, 3, 4)] == [True, True, True, False]
    assert kept.complete_since_ns == 0


def test_without_a_memory_no_grant_from_before_the_start_is_taken() -> None:
    check = GrantCheck(KEY, NonceStore(None, NOW))
    assert check.check(sign_grant(GRANT, KEY), LOCKS, NOW).code == 'expired'
    later = dataclasses.replace(GRANT, issued_ns=NOW)
    assert check.check(sign_grant(later, KEY), LOCKS, NOW).code == 'ok'


def test_a_damaged_memory_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / 'used').write_text('77\n')
    store = NonceStore(tmp_path / 'used', NOW)
    assert store.complete_since_ns == NOW


def test_nonces_are_forgotten_long_after_their_grant_expired(tmp_path: Path) -> None:
    NonceStore(tmp_path / 'used', 0).use(5, S)
    assert NonceStore(tmp_path / 'used', 2 * S).used(5)
    assert not NonceStore(tmp_path / 'used', 40 * 24 * 3600 * S).used(5)


def test_a_grant_that_cannot_be_noted_is_not_granted(tmp_path: Path) -> None:
    store = NonceStore(tmp_path / 'used', 0)
    (tmp_path / 'used').mkdir()
    with pytest.raises(OSError, match='directory'):
        GrantCheck(KEY, store).check(sign_grant(GRANT, KEY), LOCKS, NOW)


def test_the_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    key = load_key(tmp_path / 'key')
    assert len(key) == 32
    assert (tmp_path / 'key').stat().st_mode & 0o777 == 0o600
    assert load_key(tmp_path / 'key') == key
    assert [p.name for p in tmp_path.iterdir()] == ['key']


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    load_key(tmp_path / 'key')
    (tmp_path / 'key').chmod(0o640)
    with pytest.raises(KeyFileError, match='chmod'):
        load_key(tmp_path / 'key')


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / 'key').write_bytes(b'x' * 31)
    (tmp_path / 'key').chmod(0o600)
    with pytest.raises(KeyFileError, match='shorter'):
        load_key(tmp_path / 'key')
