// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { audible, ofBed, pauseLeft, standing, stateWords, stripOf, textOf } from '../src/alarms';
import type { Alarm, AlarmsMessage } from '../src/protocol';

function alarm(id: string, change: Partial<Alarm> = {}): Alarm {
  return {
    id,
    code: 'hr_high',
    bed: 1,
    admission_id: 'a1',
    origin: 'SIMULATED',
    type: 'PHYSIOLOGICAL',
    priority: 'MEDIUM',
    state: 'ACTIVE',
    onset: 100,
    announced: 103,
    cleared: null,
    acknowledged_by: '',
    acknowledged_at: null,
    value: 131,
    limit: 120,
    unit: '/min',
    suppressed_by: '',
    text: 'Heart rate 131 above 120 /min',
    audio_paused_until: null,
    ...change,
  };
}

function message(...alarms: Alarm[]): AlarmsMessage {
  return { type: 'alarms', boot: 'b', sequence: 1, alarms, beds: [] };
}

const ids = (alarms: readonly { id: string }[]): string[] => alarms.map((a) => a.id);

describe('list of alarms', () => {
  it('has the highest first, then those not acknowledged, then the oldest', () => {
    const list = [
      alarm('low', { priority: 'LOW', onset: 1 }),
      alarm('seen', { state: 'ACKNOWLEDGED', onset: 2 }),
      alarm('young', { onset: 90 }),
      alarm('old', { onset: 50 }),
      alarm('high', { priority: 'HIGH', onset: 99 }),
    ];
    expect(ids(standing(list))).toEqual(['high', 'old', 'young', 'seen', 'low']);
  });

  it('keeps latched alarms and drops cleared ones', () => {
    expect(ids(standing([alarm('a', { state: 'LATCHED' }), alarm('b', { state: 'CLEARED' })]))).toEqual(['a']);
  });

  it('of a bed holds its own only', () => {
    expect(ids(ofBed([alarm('a'), alarm('b', { bed: 2 })], 2))).toEqual(['b']);
  });
});

describe('audible alarms', () => {
  it('are those that nobody acknowledged, latched ones included', () => {
    const list = message(alarm('a'), alarm('b', { state: 'ACKNOWLEDGED' }), alarm('c', { state: 'LATCHED', priority: 'HIGH' }), alarm('d', { state: 'CLEARED' }));
    expect(ids(audible(list, 200))).toEqual(['c', 'a']);
  });

  it('are silent while paused; a new one sounds in the same pause', () => {
    const list = message(alarm('paused', { audio_paused_until: 320 }), alarm('new'));
    expect(ids(audible(list, 200))).toEqual(['new']);
    expect(ids(audible(list, 320))).toEqual(['paused', 'new']);
  });

  it('are none before the first list', () => {
    expect(audible(null, 200)).toEqual([]);
  });
});

describe('state of an alarm', () => {
  it('names who acknowledged it', () => {
    const seen = alarm('a', { state: 'ACKNOWLEDGED', acknowledged_by: 'n1' });
    expect(stateWords(seen, (id) => (id === 'n1' ? 'Nurse One' : id))).toBe('Acknowledged by Nurse One');
  });

  it('says that a latched one is over but not seen', () => {
    expect(stateWords(alarm('a', { state: 'LATCHED' }), String)).toBe('Has ended - acknowledge to clear');
  });
});

describe('audio pause', () => {
  const bed = { bed: 1, audio_paused_until: 320, audio_paused_by: 'n', alarms_off: false, codes_off: [] };

  it('counts down to nothing', () => {
    expect(pauseLeft(bed, 200)).toBe(120);
    expect(pauseLeft(bed, 319.5)).toBe(0.5);
    expect(pauseLeft(bed, 400)).toBe(0);
    expect(pauseLeft({ ...bed, audio_paused_until: null }, 200)).toBe(0);
    expect(pauseLeft(undefined, 200)).toBe(0);
  });
});

describe('a nurse call', () => {
  const call = (change: Partial<Alarm> = {}): Alarm => alarm('call', { type: 'NURSE_CALL', code: 'nurse_call', text: 'Nurse call from the robot', bed: 0, ...change });

  it('says who is on the way', () => {
    expect(stateWords(call(), String)).toBe('Nobody is on the way');
    expect(stateWords(call({ state: 'ACKNOWLEDGED', acknowledged_by: 'n1' }), () => 'Nurse One')).toBe('On the way: Nurse One');
  });

  it('is heard as one that no pause mutes', () => {
    expect(audible(message(call(), alarm('a', { onset: 1 })), 200).map((s) => [s.id, s.call])).toEqual([
      ['a', false],
      ['call', true],
    ]);
  });

  it('whose button is silent says so beside its text', () => {
    expect(textOf(call({ suppressed_by: 'source lost' }))).toBe('Nurse call from the robot (source lost)');
    expect(textOf(call())).toBe('Nurse call from the robot');
  });
});

describe('strip of alarms', () => {
  const list = [alarm('a'), alarm('b', { bed: 2 }), alarm('c', { bed: 3 }), alarm('d', { bed: 4 })];

  it('holds the first ones', () => {
    expect(ids(stripOf(list, 3, [1, 2, 3, 4]))).toEqual(['a', 'b', 'c']);
    expect(ids(stripOf(list.slice(0, 2), 3, [1, 2, 3, 4]))).toEqual(['a', 'b']);
  });

  it('holds the highest and those without a tile before others', () => {
    const robot = [alarm('drawer', { bed: 0 }), alarm('call', { bed: 0 })];
    expect(ids(stripOf([...list, ...robot], 3, [1, 2, 3, 4]))).toEqual(['a', 'drawer', 'call']);
    expect(ids(stripOf([...robot, ...list], 3, [1, 2, 3, 4]))).toEqual(['drawer', 'call', 'a']);
    expect(ids(stripOf(list, 3, [1, 2, 3]))).toEqual(['a', 'b', 'd']);
  });
});
