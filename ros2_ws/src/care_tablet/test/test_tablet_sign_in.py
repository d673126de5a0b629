# SPDX-License-Identifier: Apache-2.0
import asyncio
import stat
import threading
import time

import pytest
from argon2 import PasswordHasher
from care_node.errors import ConfigurationError
from care_tablet import accounts, roles, users
from care_tablet.accounts import Accounts
from care_tablet.lockout import LockOut
from care_tablet.logins import Logins
from care_tablet.sign_in import SignIn

PIN = '135790'


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class Desk:
    def __init__(self):
        self.clock = Clock()
        self.accounts = Accounts(
            [
                accounts.make_user('ada', 'Ada', 'nurse', PIN),
                accounts.make_user('eve', 'Eve', 'charge_nurse', PIN),
            ]
        )
        self.logins = Logins(600.0, clock=self.clock)
        self.deeds = []
        self.sign_in = SignIn(self.accounts, LockOut(self.clock), self.logins, self.deeds.append)

    def try_pin(self, user, pin, device='tablet 1'):
        return asyncio.run(self.sign_in.try_pin(user, pin, device))


@pytest.fixture
def desk(monkeypatch):
    """A desk with cheap hashes: it is the counting that is tried here."""
    monkeypatch.setattr(accounts, '_HASHER', PasswordHasher(1, 8, 1))
    return Desk()


def test_the_right_pin_logs_in(desk):
    outcome = desk.try_pin('ada', PIN)
    assert outcome.code == 'ok'
    assert desk.logins.user(outcome.login_id).id == 'ada'


def test_a_wrong_pin_says_how_many_tries_are_left(desk):
    assert [desk.try_pin('ada', '000000').tries_left for _ in range(4)] == [4, 3, 2, 1]


def test_five_wrong_pins_lock_for_1_then_5_then_15_minutes(desk):
    for minutes in (1, 5, 15, 15):
        for _ in range(4):
            assert desk.try_pin('ada', '000000').code == 'wrong_pin'
        locked = desk.try_pin('ada', '000000')
        assert (locked.code, locked.seconds) == ('locked', minutes * 60)
        desk.clock.now += minutes * 60 - 1
        assert desk.try_pin('ada', PIN).seconds == 1
        desk.clock.now += 1.5
        desk.sign_in._lock_out._counts.pop(('', 'tablet 1'))
    assert desk.try_pin('ada', PIN).code == 'ok'


def test_one_tablet_cannot_lock_a_nurse_out_of_another(desk):
    for _ in range(5):
        desk.try_pin('ada', '000000', 'tablet 1')
    assert desk.try_pin('ada', PIN, 'tablet 1').code == 'locked'
    assert desk.try_pin('ada', PIN, 'tablet 2').code == 'ok'


def test_a_tablet_that_guesses_on_many_names_is_locked(desk):
    for n in range(20):
        desk.try_pin(f'name_{n}', '000000')
    assert desk.try_pin('ada', PIN).code == 'locked'
    assert desk.try_pin('ada', PIN, 'tablet 2').code == 'ok'


def test_a_known_pin_does_not_reset_the_guessing_on_other_names(desk):
    for n in range(20):
        desk.try_pin('ada', PIN)
        desk.try_pin(f'name_{n}', '000000')
    assert desk.try_pin('ada', PIN).code == 'locked'


def test_a_right_pin_on_the_last_try_of_a_tablet_does_not_lock_it(desk):
    for n in range(19):
        desk.try_pin(f'name_{n}', '000000')
    assert desk.try_pin('ada', PIN).code == 'ok'
    assert desk.try_pin('ada', PIN).code == 'ok'


def test_tries_side_by_side_do_not_slip_through(desk):
    async def storm():
        return await asyncio.gather(
            *(desk.sign_in.try_pin('ada', f'{n:06d}', 'tablet 1') for n in range(8))
        )

    codes = [outcome.code for outcome in asyncio.run(storm())]
    assert len(desk.deeds) == 5
    assert codes.count('locked') >= 3


def test_a_charge_nurse_unlocks_and_a_nurse_does_not(desk):
    for _ in range(5):
        desk.try_pin('ada', '000000')
    nurse = desk.try_pin('ada', PIN, 'tablet 2').login_id
    assert not desk.sign_in.unlock(nurse, 'ada', 'tablet 2')
    assert desk.try_pin('ada', PIN).code == 'locked'
    charge = desk.try_pin('eve', PIN, 'tablet 2').login_id
    assert desk.sign_in.unlock(charge, 'ada', 'tablet 2')
    assert desk.try_pin('ada', PIN).code == 'ok'


def test_inventing_names_does_not_push_a_lock_out(desk):
    for _ in range(5):
        desk.try_pin('ada', '000000')
    for n in range(3000):
        desk.sign_in._lock_out.wait_s(f'name_{n}', 'tablet 1')
    assert desk.try_pin('ada', PIN).code == 'locked'


def test_an_unknown_user_is_answered_like_a_wrong_pin(desk):
    assert desk.try_pin('nobody', PIN).code == 'wrong_pin'


def test_no_deed_and_no_representation_holds_a_pin_or_an_invented_name(desk):
    desk.try_pin('ada', PIN)
    desk.try_pin('ada', '424242')
    desk.try_pin('424242', '424242')
    assert PIN not in repr(desk.deeds)
    assert '424242' not in repr(desk.deeds)
    assert 'argon2' not in repr(desk.accounts.list())


def test_checking_a_pin_does_not_stop_the_loop(desk, monkeypatch):
    begun, turned, in_time = threading.Event(), threading.Event(), []

    def check(*_):
        begun.set()
        in_time.append(turned.wait(15))

    monkeypatch.setattr(desk.accounts, 'check', check)

    async def scenario():
        checking = asyncio.create_task(desk.sign_in.try_pin('ada', PIN, 'tablet 1'))
        while not begun.is_set():
            await asyncio.sleep(0.001)
        turned.set()
        await checking

    asyncio.run(scenario())
    assert in_time == [True]


def test_a_login_ends_when_idle_and_a_deed_keeps_it(desk):
    login = desk.try_pin('ada', PIN).login_id
    desk.clock.now += 599
    assert desk.logins.user(login, use=True)
    desk.clock.now += 599
    assert desk.logins.user(login)
    desk.clock.now += 2
    assert desk.logins.user(login) is None


def test_a_login_ends_after_twelve_hours_whatever_is_done(desk):
    login = desk.try_pin('ada', PIN).login_id
    while desk.clock.now < 12 * 3600:
        assert desk.logins.user(login, use=True)
        desk.clock.now += 500
    assert desk.logins.user(login, use=True) is None


def test_login_ids_are_random_and_kept_as_hashes_only(desk):
    ids = {desk.try_pin('ada', PIN).login_id for _ in range(3)}
    assert len(ids) == 3
    assert all(len(login_id) == 43 for login_id in ids)
    assert not ids & set(desk.logins._logins)


def test_roles_deny_by_default():
    assert roles.allows('nurse', 'acknowledge')
    assert not roles.allows('nurse', 'set_limits')
    assert roles.allows('charge_nurse', 'set_limits')
    assert not roles.allows('viewer', 'acknowledge')
    assert not roles.allows('charge_nurse', 'open_drawer')
    assert not roles.allows('emperor', 'acknowledge')


def test_the_demo_pin_is_random_and_private(tmp_path):
    one, other = tmp_path / 'state' / 'pin', tmp_path / 'pin'
    demo = accounts.demo_user(one)
    accounts.demo_user(other)
    pin = one.read_text().strip()
    assert len(pin) == 6
    assert pin.isdigit()
    assert pin != other.read_text().strip()
    assert stat.S_IMODE(one.stat().st_mode) == 0o600
    assert (demo.name, demo.role) == ('Demo nurse', 'charge_nurse')
    assert Accounts([demo]).check('demo', pin) is demo


def test_a_demo_pin_file_is_kept_and_a_bad_one_refused(tmp_path):
    file = tmp_path / 'pin'
    file.write_text('246810\n')
    assert Accounts([accounts.demo_user(file)]).check('demo', '246810')
    file.write_text('12345')
    with pytest.raises(ConfigurationError, match='6 digits'):
        accounts.demo_user(file)


def test_users_are_kept_as_hashes_and_read_again(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr('getpass.getpass', lambda prompt: PIN)
    assert users.main([str(tmp_path), 'add', 'u1', 'Ada', 'nurse']) == 0
    file = tmp_path / users.FILE
    assert PIN not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert accounts.load(file).check('u1', PIN).name == 'Ada'
    monkeypatch.setattr('getpass.getpass', lambda prompt: '12')
    assert users.main([str(tmp_path), 'add', 'u2', 'Bob', 'nurse']) == 2
    assert 'not 6 digits' in capsys.readouterr().err


def test_damaged_users_are_refused_with_a_cure(tmp_path):
    file = tmp_path / 'users.json'
    file.write_text('{"users": [{"id": 1')
    with pytest.raises(ConfigurationError, match='Restore the file'):
        accounts.load(file)


def test_a_pin_takes_long_enough_to_check_that_guessing_costs():
    known = Accounts([accounts.make_user('ada', 'Ada', 'nurse', PIN)])
    start = time.process_time()
    known.check('ada', '000000')
    assert time.process_time() - start > 0.003
