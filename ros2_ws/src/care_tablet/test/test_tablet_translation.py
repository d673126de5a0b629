# SPDX-License-Identifier: Apache-2.0
import array
import math

import pytest
from builtin_interfaces.msg import Time
from care_msgs.msg import (
    Alarm,
    AlarmList,
    BedAlarmState,
    Heartbeat,
    Limit,
    Limits,
    Origin,
    Patient,
    VitalSign,
    VitalSigns,
    Watch,
    Waveform,
    WaveformChannel,
)
from care_tablet import frames, translation


def constants(message_class):
    return {
        name: getattr(message_class, name)
        for name in dir(type(message_class))
        if name.isupper() and isinstance(getattr(message_class, name), int)
    }


def test_every_constant_of_the_messages_has_its_word():
    signs = constants(VitalSign)
    reasons = {v: k for k, v in signs.items() if v == 0 or k in translation.REASONS.values()}
    assert reasons == translation.REASONS
    kinds = {v: k.lower() for k, v in signs.items() if k not in translation.REASONS.values()}
    assert kinds == translation.KINDS
    assert set(translation.UNITS) == set(kinds.values())
    assert constants(Origin) == {word: n for n, word in enumerate(translation.ORIGINS)}
    beats = {v: k for k, v in constants(Heartbeat).items()}
    assert beats == translation.NODE_STATES


def waveform(first_index, samples=(1.0, 2.0), name='ecg_ii', flags=0):
    message = Waveform(bed=2, device='d')
    message.header.stamp = Time(sec=10, nanosec=500_000_000)
    message.origin.value = Origin.SIMULATED
    message.channels = [
        WaveformChannel(
            name=name,
            unit='mV',
            rate_hz=250.0,
            first_index=first_index,
            samples=array.array('f', samples),
            flags=flags,
        )
    ]
    return message


def test_a_waveform_becomes_a_numbered_frame():
    reader = translation.WaveformReader()
    first, second = (frames.decode(reader.frame(waveform(n))) for n in (0, 2))
    assert (first.bed, first.t0, first.origin, first.sequence) == (2, 10.5, 2, 0)
    assert first.channels[0].samples.tolist() == [1.0, 2.0]
    assert (second.sequence, second.flags) == (1, 0)


@pytest.mark.parametrize('index', [3, 0])
def test_samples_that_never_came_leave_a_gap_flag(index):
    reader = translation.WaveformReader()
    reader.frame(waveform(0))
    assert frames.decode(reader.frame(waveform(index))).flags == frames.GAP


def test_gap_and_seam_of_the_source_reach_the_frame():
    reader = translation.WaveformReader()
    gap = frames.decode(reader.frame(waveform(0, flags=WaveformChannel.GAP)))
    seam = frames.decode(reader.frame(waveform(2, flags=WaveformChannel.SEAM)))
    assert (gap.flags, seam.flags) == (frames.GAP, frames.SEAM)
    assert seam.channels[0].flags == WaveformChannel.SEAM


def test_a_waveform_without_a_known_channel_uses_no_number():
    reader = translation.WaveformReader()
    assert reader.frame(waveform(0, name='seismograph')) is None
    assert reader.left_out == {'seismograph'}
    assert frames.decode(reader.frame(waveform(0))).sequence == 0


def test_a_number_with_a_reason_against_it_is_blank():
    blank = VitalSign(kind=VitalSign.HEART_RATE, value=72.0, reason=VitalSign.LEADS_OFF)
    shown = VitalSign(kind=VitalSign.HEART_RATE, value=71.3, reason=VitalSign.OK)
    nan = VitalSign(kind=VitalSign.SPO2, value=math.nan, reason=VitalSign.OK)
    message = VitalSigns(bed=1, signs=[blank, shown, nan])
    signs = translation.vitals(message)['signs']
    assert [sign['value'] for sign in signs] == [None, 71.3, None]
    assert [sign['reason'] for sign in signs] == ['LEADS_OFF', 'OK', 'OK']


def test_an_alarm_is_sent_whole():
    alarm = Alarm(
        id='a1', code='hr_high', bed=3, priority=Alarm.MEDIUM, state=Alarm.LATCHED,
        type=Alarm.PHYSIOLOGICAL, value=130.0, limit=math.nan, unit='/min', text='HR high',
        onset=Time(sec=5), acknowledged_by='ada', acknowledged_at=Time(sec=7),
    )  # fmt: skip
    bed = BedAlarmState(bed=3, audio_paused_until=Time(sec=9), codes_off=['hr_low'])
    frame = translation.alarm_list(AlarmList(boot_id='b', sequence=4, alarms=[alarm], beds=[bed]))
    assert (frame['boot'], frame['sequence']) == ('b', 4)
    got = frame['alarms'][0]
    assert (got['priority'], got['state'], got['type']) == ('MEDIUM', 'LATCHED', 'PHYSIOLOGICAL')
    assert (got['onset'], got['cleared'], got['acknowledged_at']) == (5.0, None, 7.0)
    assert (got['value'], got['limit']) == (130.0, None)
    assert frame['beds'][0]['audio_paused_until'] == 9.0
    assert frame['beds'][0]['codes_off'] == ['hr_low']


def test_a_constant_of_a_newer_message_is_not_shown_as_something_else():
    assert translation.word(translation.PRIORITIES, 9) == 'UNKNOWN_9'


def test_a_bed_joins_patient_limits_and_watch():
    board = translation.BedBoard(1)
    board.patient(Patient(state=Patient.ADMITTED, admission_id='x', paced=Patient.YES))
    board.limits(Limits(limits=[Limit(kind=1, unit='/min', low=50.0, extreme_low=math.nan)]))
    frame = board.watch(Watch(watched=False, reason='no camera'))
    assert frame['patient'] == {
        'state': 'ADMITTED', 'admission_id': 'x', 'category': 'ADULT', 'paced': 'YES',
    }  # fmt: skip
    assert frame['limits'][0]['low'] == 50.0
    assert frame['limits'][0]['extreme_low'] is None
    assert frame['watch'] == {'watched': False, 'since': None, 'reason': 'no camera'}


def test_limits_reach_the_ward_with_blanks_as_nan():
    limit = {'kind': 'heart_rate', 'extreme_low': None, 'low': 50, 'high': 90, 'extreme_high': 160}
    args = {'bed': 1, 'admission_id': 'x', 'limits': [limit]}
    request = translation.request('set_limits', args, 'id', 'ada')
    assert (request.request_id, request.bed, request.user) == ('id', 1, 'ada')
    sent = request.limits[0]
    assert (sent.kind, sent.unit, sent.low, sent.high) == (VitalSign.HEART_RATE, '/min', 50.0, 90.0)
    assert math.isnan(sent.extreme_low)
    with pytest.raises(ValueError, match='no limits of "mood"'):
        translation.request('set_limits', {**args, 'limits': [{**limit, 'kind': 'mood'}]}, '', '')
