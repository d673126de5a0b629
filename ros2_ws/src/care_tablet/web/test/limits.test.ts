// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { allowed, deviates, problem, stepped } from '../src/limits';
import type { Limit } from '../src/protocol';

const ADULT: Limit = { kind: 'heart_rate', unit: '/min', extreme_low: 35, low: 50, high: 120, extreme_high: 160 };

describe('limits', () => {
  it('of an adult are right as they are', () => {
    expect(problem(ADULT)).toBeNull();
  });

  it.each([
    [{ low: 120 }, 'Low must be lower than high.'],
    [{ low: 130 }, 'Low must be lower than high.'],
    [{ extreme_low: 50 }, 'Extreme low must be lower than low.'],
    [{ high: 160 }, 'High must be lower than extreme high.'],
    [{ extreme_high: 301 }, 'Extreme high must be between 15 and 300.'],
    [{ extreme_low: 14 }, 'Extreme low must be between 15 and 300.'],
  ])('%j are refused in plain words', (change, words) => {
    expect(problem({ ...ADULT, ...change })).toBe(words);
  });

  it('of a sign without settable limits are refused', () => {
    expect(problem({ ...ADULT, kind: 'spo2' })).toBe('This limit cannot be changed here.');
  });

  it('may be moved between their neighbours', () => {
    expect(allowed(ADULT, 'high')).toEqual({ min: 51, max: 159 });
    expect(allowed(ADULT, 'low')).toEqual({ min: 36, max: 119 });
    expect(allowed(ADULT, 'extreme_low')).toEqual({ min: 15, max: 49 });
    expect(allowed({ ...ADULT, extreme_high: null }, 'high')).toEqual({ min: 51, max: 300 });
  });

  it('move in steps of five and stop at their neighbours', () => {
    expect(stepped(ADULT, 'high', 1).high).toBe(125);
    expect(stepped(ADULT, 'high', -1).high).toBe(115);
    expect(stepped({ ...ADULT, high: 157 }, 'high', 1).high).toBe(159);
    expect(stepped({ ...ADULT, high: 123 }, 'high', 1).high).toBe(125);
    expect(stepped({ ...ADULT, high: 123 }, 'high', -1).high).toBe(120);
    expect(stepped({ ...ADULT, low: 40 }, 'low', -1).low).toBe(36);
  });

  it('deviate when any bound differs from the default', () => {
    expect(deviates(ADULT, ADULT)).toBe(false);
    expect(deviates({ ...ADULT, extreme_low: 30 }, ADULT)).toBe(true);
    expect(deviates(ADULT, undefined)).toBe(false);
  });
});
