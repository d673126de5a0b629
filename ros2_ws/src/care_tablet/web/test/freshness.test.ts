// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { asOf, freshness, numeric, type NumericInput } from '../src/freshness';
import type { Patient, Sign } from '../src/protocol';

const PATIENT: Patient = { state: 'ADMITTED', admission_id: 'a1', category: 'ADULT', paced: 'NO' };
const SIGN: Sign = {
  kind: 'heart_rate',
  value: 72.4,
  unit: '/min',
  quality: 1,
  reason: 'OK',
  reason_text: '',
  source: 'sim',
  method: 'mean of 12 R-R intervals',
  origin: 'SIMULATED',
  measured_at: 0,
  confirmed: false,
};

function shown(change: Partial<NumericInput> = {}): ReturnType<typeof numeric> {
  return numeric({ sign: SIGN, admission: 'a1', age: 0.5, linkAge: 0.1, patient: PATIENT, ...change });
}

describe('freshness', () => {
  it.each([
    [0, 'fresh'],
    [1.99, 'fresh'],
    [2, 'stale'],
    [4.99, 'stale'],
    [5, 'lost'],
    [600, 'lost'],
  ])('%f s old is %s', (age, expected) => {
    expect(freshness(age)).toBe(expected);
  });
});

describe('age on arrival', () => {
  it('counts for what is older than delivery takes', () => {
    expect(asOf(100, 1000, 1010)).toBe(90);
    expect(asOf(100, 1000, 1000.8)).toBe(100);
  });

  it('is nothing for stamps ahead of the clock or without a clock', () => {
    expect(asOf(100, 1003, 1000)).toBe(100);
    expect(asOf(100, 1, null)).toBe(100);
  });
});

describe('number', () => {
  it('is shown rounded while it is fresh', () => {
    expect(shown()).toEqual({ text: '72', state: 'ok', reason: '' });
  });

  it('is hatched with its age from 2 s and blank from 5 s', () => {
    expect(shown({ age: 1.9 }).state).toBe('ok');
    expect(shown({ age: 2.1 })).toEqual({ text: '72', state: 'stale', reason: '2 s old' });
    expect(shown({ age: 5.2 })).toEqual({ text: '---', state: 'blank', reason: 'No new data for 5 s' });
  });

  it('is hatched and blanked with the link as well', () => {
    expect(shown({ linkAge: 3 })).toEqual({ text: '72', state: 'stale', reason: '3 s old' });
    expect(shown({ linkAge: 5 })).toEqual({ text: '---', state: 'blank', reason: 'No link to the ward' });
  });

  it('that is not trustworthy is blank with the reason in words', () => {
    expect(shown({ sign: { ...SIGN, value: null, reason: 'LEADS_OFF', reason_text: 'ECG electrode off' } })).toEqual({
      text: '---',
      state: 'blank',
      reason: 'ECG electrode off',
    });
    expect(shown({ sign: { ...SIGN, value: null, reason: 'NOISE' } }).reason).toBe('Signal too poor');
    expect(shown({ sign: { ...SIGN, value: null, reason: 'UNHEARD_OF' } }).reason).toBe('Not available');
  });

  it('of another patient or of an empty bed is not shown', () => {
    expect(shown({ admission: 'a0' }).text).toBe('---');
    expect(shown({ patient: { ...PATIENT, state: 'EMPTY', admission_id: '' }, admission: '' })).toMatchObject({
      text: '---',
      reason: 'No patient admitted',
    });
  });

  it('is shown when the state of the bed is not known', () => {
    expect(shown({ patient: null }).text).toBe('72');
  });

  it('that never came is blank', () => {
    expect(shown({ sign: undefined })).toMatchObject({ text: '---', reason: 'No data yet' });
    expect(shown({ age: null })).toMatchObject({ text: '---', reason: 'No data yet' });
  });
});
