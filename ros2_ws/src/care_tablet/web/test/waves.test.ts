// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { decodeWave } from '../src/protocol';
import { BedWaves } from '../src/waves';
import { frame } from './frames';

const NAMES = ['ecg_ii', 'resp'];

function take(waves: BedWaves, first: number, count: number, change: { flags?: number; channelFlags?: number; lost?: boolean; code?: number } = {}): number {
  const channel = { code: change.code ?? 0, flags: change.channelFlags ?? 0, rate: 250, scale: 0.01, first, samples: new Array(count).fill(100) };
  let stored = 0;
  const wave = decodeWave(frame({ bed: 1, seq: 0, t0: 0, flags: change.flags ?? 0, channels: [channel] }));
  waves.take(wave, NAMES, change.lost ?? false, (_name, s) => (stored += s));
  return stored;
}

describe('waveforms of a bed', () => {
  it('hold samples in physical units under the channel name', () => {
    const waves = new BedWaves();
    expect(take(waves, 0, 10)).toBe(10);
    expect(waves.channels.get('ecg_ii')!.ring.at(3)).toBeCloseTo(1, 6);
    expect(waves.end()).toBeCloseTo(0.04, 9);
  });

  it('leave out a channel without a name', () => {
    const waves = new BedWaves();
    take(waves, 0, 10, { code: 9 });
    expect(waves.channels.size).toBe(0);
  });

  it.each([
    ['a gap flag', { flags: 1 }],
    ['a seam flag', { flags: 4 }],
    ['a gap flag of the channel', { channelFlags: 4 }],
    ['a seam flag of the channel', { channelFlags: 16 }],
    ['missing frames', { lost: true }],
  ])('are not joined after %s', (_what, change) => {
    const waves = new BedWaves();
    take(waves, 0, 10);
    take(waves, 10, 10, change);
    expect(waves.channels.get('ecg_ii')!.ring.brokenAt(10)).toBe(true);
    take(waves, 20, 10);
    expect(waves.channels.get('ecg_ii')!.ring.brokenAt(20)).toBe(false);
  });

  it('note an electrode that is off, and on again', () => {
    const waves = new BedWaves();
    take(waves, 0, 10, { channelFlags: 1 });
    expect(waves.channels.get('ecg_ii')!.leadOff).toBe(true);
    take(waves, 10, 10);
    expect(waves.channels.get('ecg_ii')!.leadOff).toBe(false);
  });

  it('are drawn anew when a replay fills what the pen has passed', () => {
    const waves = new BedWaves();
    take(waves, 0, 250);
    waves.advance(0);
    const epoch = waves.epoch;
    for (let i = 0; i < 60; i++) waves.advance(1 / 60);
    expect(waves.epoch).toBe(epoch);
    take(waves, 250, 10);
    expect(waves.epoch).toBe(epoch + 1);
  });
});
