# SPDX-License-Identifier: Apache-2.0
"""What the gateway says of the robot, its STOP, and its commands, without ROS and network."""

import asyncio
import math

import pytest
from care_node.errors import ConfigurationError
from care_node.transforms import planar
from care_tablet import roles, schema
from care_tablet.accounts import User
from care_tablet.commands import Answer, Commander, NoAnswerError
from care_tablet.pictures import NewestPicture
from care_tablet.robot_board import RobotBoard
from care_tablet.robot_commands import RobotCommands
from care_tablet.robot_map import read_map
from care_tablet.stop import StopSwitch

CAMERA = {'age': None, 'reason': ''}
READY = {'state': 'READY', 'reasons': [], 'watched': [], 'boot': 'b', 'origin': 'SIMULATED'}
STOPPED = {**READY, 'state': 'STOPPED', 'reasons': ['Stopped at tablet']}


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def board(clock):
    return RobotBoard(clock)


# The board -----------------------------------------------------------------------------------


def test_a_robot_that_was_never_heard_is_not_made_up(board):
    frame = board.frame(CAMERA)
    assert (frame['present'], frame['age'], frame['safety'], frame['pose']) == (
        False, None, None, None,
    )  # fmt: skip
    assert (frame['battery'], frame['tasks'], frame['drawers']) == (None, [], [])
    # What cannot be read counts as engaged.
    assert frame['estop']['engaged']
    assert not frame['estop']['readable']


def test_its_word_has_an_age_and_is_gone_after_5_s(board, clock):
    board.take('safety', READY)
    clock.now += 4.9
    assert (board.frame(CAMERA)['age'], board.frame(CAMERA)['safety']) == (4.9, READY)
    clock.now += 0.2
    frame = board.frame(CAMERA)
    assert (frame['present'], frame['safety'], frame['age']) == (False, None, 5.1)


def test_a_change_is_told_at_once_and_a_repetition_is_not(board):
    assert board.take('safety', {**READY, 'watched': [{'age': 0.1}]})
    assert not board.take('safety', {**READY, 'watched': [{'age': 0.3}]})
    assert board.take('safety', STOPPED)
    assert not board.take('odometry', planar(1, 2, 0))


def test_the_pose_is_that_of_odometry_in_the_map(board, clock):
    board.take('odometry', planar(1.0, 0.0, 0.0))
    assert board.frame(CAMERA)['pose'] is None  # nobody has said yet where odom is
    board.take('shift', planar(2.0, 3.0, math.pi / 2))
    clock.now += 3.0
    frame = board.frame(CAMERA)
    assert frame['pose'] == pytest.approx([2.0, 4.0, math.pi / 2], abs=1e-3)
    assert frame['pose_age'] == 3.0
    clock.now += 2.1
    assert board.frame(CAMERA)['pose'] is None


def test_a_robot_that_does_not_know_its_place_is_not_drawn(board):
    board.take('odometry', planar(1.0, 0.0, 0.0))
    board.take('shift', planar(0.0, 0.0, 0.0))
    board.position_known = False
    assert board.frame(CAMERA)['pose'] is None


def test_drawers_lights_and_line_of_a_silent_board_are_not_shown(board, clock):
    board.take('estop', {'engaged': False, 'readable': True, 'reason': ''})
    drawer = {'drawer': 1, 'state': 'LOCKED'}
    board.take('drawers', {'drawers': [drawer], 'locks_enabled': True, 'drawers_reason': ''})
    board.take('lights', {'priority': 'HIGH'})
    frame = board.frame(CAMERA)
    assert frame['drawers'] == [drawer]
    assert frame['lights'] == {'priority': 'HIGH'}
    assert not frame['estop']['engaged']
    clock.now += 1.1
    frame = board.frame(CAMERA)
    assert (frame['drawers'], frame['locks_enabled'], frame['lights']) == ([], False, None)
    assert frame['drawers_reason'] == "The robot's board is silent for 1 s."
    assert frame['estop']['engaged']


def test_a_stop_counts_as_confirmed_by_what_came_after_it_only(board, clock):
    board.take('safety', STOPPED)
    pressed = clock.now
    assert board.held_since(pressed) == ''
    clock.now += 0.1
    board.take('safety', {**READY, 'state': 'MOVING'})
    assert board.held_since(pressed) == ''
    board.take('safety', STOPPED)
    assert board.held_since(pressed) == 'STOPPED'


# STOP ----------------------------------------------------------------------------------------


class Topic:
    def __init__(self):
        self.published = []
        self.deeds = []

    def __call__(self, engaged, user, reason):
        self.published.append((engaged, user))

    def switch(self, clock, file=None):
        return StopSwitch(self, self.deeds.append, file, clock)


def test_a_press_is_published_before_anything_else_and_journaled(clock):
    topic = Topic()
    assert topic.switch(clock).engage('', '10.0.0.7', 'http') == clock.now
    assert topic.published == [(True, '')]
    assert [(d.action, d.device, d.details) for d in topic.deeds] == [('stop', '10.0.0.7', 'http')]


def test_nothing_is_said_at_the_start_and_a_kept_stop_is_said_again(clock, tmp_path):
    file = tmp_path / 'state' / 'stop'
    topic = Topic()
    first = topic.switch(clock, file)
    assert not first.restore()
    assert topic.published == []
    first.engage('ada', 'd', 'websocket')
    again = Topic()
    second = again.switch(clock, file)
    assert second.restore()
    assert again.published == [(True, '')]
    assert second.release('ada', second.count)
    assert not Topic().switch(clock, file).restore()


def test_a_flood_of_presses_is_published_now_and_then_and_noted_once(clock):
    topic = Topic()
    switch = topic.switch(clock)
    for _ in range(100):
        switch.engage('', 'd', 'websocket')
        clock.now += 0.001
    assert 2 <= len(topic.published) <= 3
    assert len(topic.deeds) == 1


def test_a_press_right_after_a_release_is_published(clock):
    topic = Topic()
    switch = topic.switch(clock)
    switch.engage('', 'd', 'http')
    assert switch.release('ada', switch.count)
    switch.engage('', 'd', 'http')
    assert topic.published == [(True, ''), (False, 'ada'), (True, '')]


def test_a_release_never_takes_back_a_stop_that_was_pressed_since(clock):
    topic = Topic()
    switch = topic.switch(clock)
    switch.engage('', 'd', 'http')
    count = switch.count
    switch.engage('', 'e', 'http')
    assert not switch.release('ada', count)
    assert all(engaged for engaged, _ in topic.published)


def test_a_disk_that_fails_does_not_hinder_a_stop(clock, tmp_path):
    (tmp_path / 'file').write_text('')
    topic = Topic()
    topic.switch(clock, tmp_path / 'file' / 'stop').engage('', 'd', 'http')
    assert topic.published == [(True, '')]


# Commands ------------------------------------------------------------------------------------


class Robot:
    """Stands for tasks and control."""

    def __init__(self, answer=None, blocking=()):
        self.answer = answer or Answer(True, 'ok', 'The robot is on its way.')
        self.blocking = list(blocking)
        self.orders = []
        self.log = []
        self.on_cancel = lambda: 1

    async def begin(self, order):
        self.orders.append(order)
        return self.answer

    async def cancel(self):
        self.log.append('cancel')
        return self.on_cancel()

    async def reset(self, user, reason):
        self.log.append(f'reset {user}')
        return self.blocking.pop(0) if self.blocking else ()


def commands(robot, topic, clock, **options):
    switch = topic.switch(clock)
    return RobotCommands(robot, switch, clock, **options), switch


def give(robot_commands, cmd, **args):
    return asyncio.run(robot_commands.call(cmd, args, 'id', 'ada'))


def test_a_command_lives_for_5_s_from_its_press(clock):
    robot = Robot()
    given, _ = commands(robot, Topic(), clock)
    assert give(given, 'go_to_bed', bed=3).accepted
    assert give(given, 'return', at=clock.now - 4.0).accepted
    first, second = robot.orders
    assert (first.kind, first.bed, first.issued, first.expires) == ('go_to_bed', 3, 1000.0, 1005.0)
    assert (second.bed, second.issued, second.expires) == (0, 1000.0, 1001.0)


@pytest.mark.parametrize('cmd', ['go_to_bed', 'check_bed', 'return', 'at_home', 'release_stop'])
def test_a_command_that_was_stuck_on_its_way_is_dropped(clock, cmd):
    robot, topic = Robot(), Topic()
    given, _ = commands(robot, topic, clock)
    for at in (clock.now - 5.1, clock.now + 1.1):
        assert give(given, cmd, bed=1, path_clear=True, at=at).code == 'expired'
    assert (robot.orders, robot.log, topic.published) == ([], [], [])


def test_the_robots_own_words_are_the_answer(clock):
    refusal = Answer(False, 'busy', 'The robot is busy: go to bed 3. Cancel that first.')
    given, _ = commands(Robot(refusal), Topic(), clock)
    assert give(given, 'go_to_bed', bed=1) == refusal


def test_cancelling_says_when_there_is_nothing_to_cancel(clock):
    robot = Robot()
    given, _ = commands(robot, Topic(), clock)
    assert give(given, 'cancel_task').accepted
    robot.on_cancel = lambda: 0
    assert give(given, 'cancel_task').code == 'no_task'


def test_a_release_cancels_first_then_lets_go_then_resets(clock):
    robot, topic = Robot(), Topic()
    given, switch = commands(robot, topic, clock)
    switch.engage('', 'd', 'http')
    robot.on_cancel = lambda: topic.published.append('cancelled') or 0
    assert give(given, 'release_stop', path_clear=True).accepted
    assert topic.published == [(True, ''), 'cancelled', (False, 'ada')]
    assert robot.log == ['cancel', 'reset ada']


def test_a_reset_is_tried_until_the_robot_is_at_rest(clock):
    robot = Robot(blocking=[['The base is not at rest'], ['The base is not at rest']])
    given, _ = commands(robot, Topic(), clock)
    assert give(given, 'release_stop', path_clear=True).accepted
    assert robot.log.count('reset ada') == 3


def test_what_still_blocks_is_said_in_words(clock):
    robot = Robot(blocking=[['Emergency stop is pressed', 'A drawer is open']] * 50)
    given, _ = commands(robot, Topic(), clock, reset_within_s=0.1)
    answer = give(given, 'release_stop', path_clear=True)
    assert (answer.accepted, answer.code) == (False, 'still_blocking')
    assert answer.text == 'Not released. Emergency stop is pressed. A drawer is open.'


def test_a_stop_during_a_release_wins(clock):
    robot, topic = Robot(), Topic()
    given, switch = commands(robot, topic, clock)
    switch.engage('', 'd', 'http')

    def press():
        clock.now += 1.0
        switch.engage('', 'e', 'http')
        return 0

    robot.on_cancel = press
    assert give(given, 'release_stop', path_clear=True).code == 'stopped_again'
    assert all(engaged for engaged, _ in topic.published)
    assert robot.log == ['cancel']


def test_a_stop_between_two_resets_wins(clock):
    class Pressed(Robot):
        async def reset(self, user, reason):
            self.log.append('reset')
            clock.now += 1.0
            switch.engage('', 'e', 'http')
            return ['The base is not at rest']

    robot, topic = Pressed(), Topic()
    given, switch = commands(robot, topic, clock)
    assert give(given, 'release_stop', path_clear=True).code == 'stopped_again'
    assert robot.log == ['cancel', 'reset']
    assert topic.published[-1] == (True, '')


def test_nothing_is_released_while_tasks_cannot_be_cancelled(clock):
    def silent():
        raise NoAnswerError('The task node does not answer.')

    robot, topic = Robot(), Topic()
    robot.on_cancel = silent
    given, _ = commands(robot, topic, clock)
    answer = give(given, 'release_stop', path_clear=True)
    assert (answer.code, topic.published) == ('not_cancelled', [])


def frame(cmd, command_id='8b8d1a44-7c3c-4a53-9f4e-3a2c7a2e6a11', **args):
    return {'type': 'command', 'id': command_id, 'cmd': cmd, 'args': args}


def test_a_command_without_an_answer_is_not_given_again_under_its_id():
    calls = []

    class Silent:
        async def call(self, *call):
            calls.append(call)
            raise NoAnswerError('no answer')

    async def scenario():
        commander = Commander(Silent(), {3}, lambda _: None, Silent())
        user = User('ada', 'Ada', 'nurse', '')
        acks = [await commander.handle(frame('go_to_bed', bed=3), user, 'd') for _ in range(3)]
        return [ack['code'] for ack in acks]

    assert asyncio.run(scenario()) == ['no_answer'] * 3
    assert len(calls) == 1


@pytest.mark.parametrize(('role', 'code'), [('viewer', 'not_allowed'), ('nurse', 'ok')])
def test_who_may_command_the_robot(role, code):
    class Robot:
        async def call(self, *_):
            return Answer(True, 'ok', '')

    async def scenario(cmd):
        commander = Commander(Robot(), {3}, lambda _: None, Robot())
        user = User('u', 'U', role, '')
        return (await commander.handle(frame(cmd), user, 'd'))['code']

    assert {asyncio.run(scenario(cmd)) for cmd in roles.ROBOT} == {code}


@pytest.mark.parametrize(
    'args',
    [
        ('go_to_bed', '{}'),
        ('go_to_bed', '{"bed":0}'),
        ('go_to_bed', '{"bed":3,"at":"now"}'),
        ('return', '{"bed":3}'),
        ('release_stop', '{}'),
        ('release_stop', '{"path_clear":false}'),
        ('cancel_task', '{"at":1}'),
    ],
)
def test_malformed_commands_are_refused(args):
    text = f'{{"type":"command","id":"{frame("x")["id"]}","cmd":"{args[0]}","args":{args[1]}}}'
    with pytest.raises(schema.Malformed):
        schema.parse_frame(text)


@pytest.mark.parametrize(
    ('text', 'stop_id'),
    [
        ('{"type":"stop","id":"a"}', 'a'),
        ('{"id":"a", "more":[1], "type":"stop"}', 'a'),
        ('{"type":"stop"}', ''),
        ('{"type":"stop","id":5}', ''),
        ('{"type":"tick"}', None),
        ('{"type":"command","cmd":"stop"}', None),
        ('"stop"', None),
        ('{"type":"stop"', None),
        ('{"type":"stop","x":"' + 'y' * 600 + '"}', None),
    ],
)
def test_what_looks_like_a_stop_is_a_stop(text, stop_id):
    assert schema.stop_id(text) == stop_id


# Picture and map -----------------------------------------------------------------------------


def test_a_picture_older_than_2_s_is_not_given_out(clock):
    pictures = NewestPicture(clock)
    assert pictures.get() is None
    pictures.put(b'jpeg', 0.5)
    clock.now += 1.4
    assert pictures.get().age == pytest.approx(1.9)
    clock.now += 0.2
    assert pictures.get() is None


def test_why_there_is_no_picture_is_said(clock):
    pictures = NewestPicture(clock)
    assert pictures.reason('SILENT', '') == 'The camera view is not running.'
    assert pictures.reason('INACTIVE', 'No model is set.') == 'No model is set.'
    assert pictures.reason('ACTIVE', '') == 'No picture has come yet.'
    pictures.put(b'jpeg', 0.0)
    assert pictures.reason('ACTIVE', '') == ''
    clock.now += 7
    assert pictures.reason('ACTIVE', '') == 'The last picture is 7 s old.'


def test_the_map_holds_places_and_ways():
    drawn = read_map([0, 0, 0], [3], [1, 2, 1.57], ['a 0 0', 'b 1 0'], ['a b'])
    assert drawn == {
        'home': [0, 0, 0],
        'beds': {'3': [1, 2, 1.57]},
        'waypoints': {'a': [0.0, 0.0], 'b': [1.0, 0.0]},
        'ways': [['a', 'b']],
    }


@pytest.mark.parametrize(
    ('change', 'word'),
    [
        ({'bed_poses': [1, 2]}, 'bed_poses'),
        ({'home': [0]}, 'home'),
        ({'waypoints': ['a 0']}, '"a 0"'),
        ({'waypoints': ['a 0 inf']}, 'finite'),
        ({'ways': ['a nowhere']}, 'nowhere'),
    ],
)
def test_a_map_that_cannot_be_read_is_refused_by_name(change, word):
    good = {
        'home': [0, 0, 0], 'beds': [3], 'bed_poses': [1, 2, 0], 'waypoints': ['a 0 0'], 'ways': [],
    }  # fmt: skip
    with pytest.raises(ConfigurationError, match=word):
        read_map(**{**good, **change})
