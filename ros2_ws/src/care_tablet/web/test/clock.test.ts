// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { duration, WardClock } from '../src/clock';

describe('ward clock', () => {
  it('is unknown before the first message', () => {
    expect(new WardClock().at(5)).toBeNull();
  });

  it('takes the message that was delayed least', () => {
    const clock = new WardClock();
    clock.note(1000, 10.4);
    clock.note(1001, 11.05);
    clock.note(1002, 12.6);
    expect(clock.at(13)).toBeCloseTo(1002.95, 6);
  });

  it('follows a clock that was set back', () => {
    const clock = new WardClock();
    clock.note(1000, 10);
    clock.note(900, 11);
    expect(clock.at(12)).toBe(901);
  });

  it('forgets what is older than a minute', () => {
    const clock = new WardClock();
    clock.note(1000.5, 10);
    clock.note(1061, 71);
    expect(clock.at(72)).toBe(1062);
  });
});

describe('duration', () => {
  it.each([
    [0, '0:00'],
    [59.9, '0:59'],
    [120, '2:00'],
    [3661, '1:01:01'],
    [-3, '0:00'],
  ])('of %f s is %s', (seconds, words) => {
    expect(duration(seconds)).toBe(words);
  });
});
