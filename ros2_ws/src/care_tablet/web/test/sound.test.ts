// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { BURSTS, BurstSchedule, pausable, pulses, type SoundKind, synthesise } from '../src/sound';

const KINDS: SoundKind[] = ['HIGH', 'MEDIUM', 'LOW', 'LINK'];
const RATE = 16000;

function gaps(kind: SoundKind): number[] {
  const plan = pulses(kind);
  return plan.slice(1).map((pulse, i) => pulse.start - plan[i]!.start - plan[i]!.duration);
}

/** Amplitude of one frequency in a piece of sound (Goertzel). */
function amplitude(samples: Float32Array, frequency: number): number {
  let re = 0;
  let im = 0;
  samples.forEach((value, i) => {
    re += value * Math.cos((2 * Math.PI * frequency * i) / RATE);
    im += value * Math.sin((2 * Math.PI * frequency * i) / RATE);
  });
  return (2 * Math.hypot(re, im)) / samples.length;
}

describe('burst', () => {
  it('has five and five pulses for high, three for medium, two for low', () => {
    expect(KINDS.map((kind) => pulses(kind).length)).toEqual([10, 3, 2, 2]);
  });

  it('of high priority is spaced x x 2x+td x, half a second apart', () => {
    const [x, td] = [BURSTS.HIGH.space, BURSTS.HIGH.pulse];
    const half = [x, x, 2 * x + td, x];
    const expected = [...half, 0.5, ...half];
    gaps('HIGH').forEach((gap, i) => expect(gap).toBeCloseTo(expected[i]!, 9));
    expect(x).toBeGreaterThanOrEqual(0.05);
    expect(x).toBeLessThanOrEqual(0.125);
    expect(td).toBeGreaterThanOrEqual(0.075);
    expect(td).toBeLessThanOrEqual(0.2);
  });

  it('of medium and low priority has equal spaces of 125 to 250 ms', () => {
    for (const kind of ['MEDIUM', 'LOW'] as const) {
      for (const gap of gaps(kind)) {
        expect(gap).toBeGreaterThanOrEqual(0.125);
        expect(gap).toBeLessThanOrEqual(0.25);
      }
      expect(BURSTS[kind].pulse).toBeGreaterThanOrEqual(0.125);
      expect(BURSTS[kind].pulse).toBeLessThanOrEqual(0.25);
    }
  });

  it('is repeated after a silence within the range of its priority', () => {
    const silence = (kind: SoundKind): number => {
      const last = pulses(kind).at(-1)!;
      return BURSTS[kind].period - last.start - last.duration;
    };
    expect(silence('HIGH')).toBeGreaterThanOrEqual(2.5);
    expect(silence('HIGH')).toBeLessThanOrEqual(15);
    expect(silence('MEDIUM')).toBeGreaterThanOrEqual(2.5);
    expect(silence('MEDIUM')).toBeLessThanOrEqual(30);
    expect(silence('LOW')).toBeGreaterThan(15);
  });

  it.each(KINDS)('%s: fundamental 150 to 1000 Hz and four harmonics within 15 dB of it', (kind) => {
    const { frequency, pulse } = BURSTS[kind];
    const samples = synthesise(kind, RATE).slice(0, Math.round(pulse * RATE));
    expect(frequency).toBeGreaterThanOrEqual(150);
    expect(frequency).toBeLessThanOrEqual(1000);
    const fundamental = amplitude(samples, frequency);
    const near = [2, 3, 4, 5, 6]
      .map((n) => n * frequency)
      .filter((f) => f >= 300 && f <= 4000)
      .filter((f) => Math.abs(20 * Math.log10(amplitude(samples, f) / fundamental)) <= 15);
    expect(near.length).toBeGreaterThanOrEqual(4);
  });

  it('is silent between pulses, rises softly and never overdrives', () => {
    const samples = synthesise('MEDIUM', RATE);
    const [first, second] = pulses('MEDIUM');
    const between = samples.slice(Math.ceil((first!.duration + 0.001) * RATE), Math.floor((second!.start - 0.001) * RATE));
    expect(Math.max(...between.map(Math.abs))).toBe(0);
    const early = samples.slice(0, Math.round(0.1 * first!.duration * RATE));
    expect(Math.max(...early)).toBeLessThan(0.55 * Math.max(...samples));
    expect(Math.max(...samples.map(Math.abs))).toBeLessThanOrEqual(1);
  });

  it('is no louder than one of a higher priority', () => {
    const peak = (kind: SoundKind): number => Math.max(...synthesise(kind, RATE).map(Math.abs));
    expect(peak('HIGH')).toBeGreaterThan(peak('MEDIUM'));
    expect(peak('MEDIUM')).toBeGreaterThan(peak('LOW'));
  });
});

describe('schedule', () => {
  const high = { id: 'h', kind: 'HIGH' as const };
  const medium = { id: 'm', kind: 'MEDIUM' as const };

  it('sounds at once and repeats after the period', () => {
    const schedule = new BurstSchedule();
    expect(schedule.next([high], 0)).toBe('HIGH');
    expect(schedule.next([high], 7.9)).toBeNull();
    expect(schedule.next([high], 8)).toBe('HIGH');
  });

  it('is silent when nothing is to be heard, and starts at once afterwards', () => {
    const schedule = new BurstSchedule();
    schedule.next([medium], 0);
    expect(schedule.next([], 1)).toBeNull();
    expect(schedule.next([medium], 2)).toBe('MEDIUM');
  });

  it('lets a new alarm break through a repetition that is not due', () => {
    const schedule = new BurstSchedule();
    schedule.next([medium], 0);
    expect(schedule.next([medium, high], 1)).toBe('HIGH');
    expect(schedule.next([medium, high, { id: 'h2', kind: 'HIGH' }], 2)).toBe('HIGH');
  });

  it('does not cut a high burst for a new lower one', () => {
    const schedule = new BurstSchedule();
    schedule.next([high], 0);
    expect(schedule.next([high, medium], 1)).toBeNull();
    expect(schedule.next([high, medium], 8)).toBe('HIGH');
  });

  it('goes on with the lower alarm when the higher one is acknowledged', () => {
    const schedule = new BurstSchedule();
    schedule.next([high, medium], 0);
    expect(schedule.next([medium], 3)).toBeNull();
    expect(schedule.next([medium], 8)).toBe('MEDIUM');
  });
});

describe('pause on this tablet', () => {
  it('silences all but nurse calls', () => {
    const alarm = { id: 'alarm', kind: 'HIGH' as const, call: false };
    const call = { id: 'call', kind: 'MEDIUM' as const, call: true };
    expect(pausable([alarm, call, { id: 'fault:link', kind: 'LINK' }])).toEqual(['alarm', 'fault:link']);
  });
});
