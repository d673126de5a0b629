// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { decodeWave, parseText, ProtocolError } from '../src/protocol';
import { frame } from './frames';

const TWO_CHANNELS = {
  bed: 3,
  flags: 2,
  seq: 4_000_000_000,
  t0: 1_790_000_000.25,
  origin: 1,
  channels: [
    { code: 0, flags: 1, rate: 360, scale: 0.005, first: 9_000_000_000, samples: [1, -2, 3, -32768, 32767] },
    { code: 7, rate: 62.5, scale: 1, first: 12, samples: [7, 8] },
  ],
};

describe('waveform frame', () => {
  it('is read with all its fields, padding between channels left out', () => {
    const wave = decodeWave(frame(TWO_CHANNELS));
    expect(wave).toMatchObject({ bed: 3, flags: 2, seq: 4_000_000_000, t0: 1_790_000_000.25, origin: 'RECORDED' });
    expect(wave.channels).toHaveLength(2);
    expect(wave.channels[0]).toMatchObject({ code: 0, flags: 1, rateHz: 360, firstIndex: 9_000_000_000 });
    expect(wave.channels[0]!.scale).toBeCloseTo(0.005, 7);
    expect([...wave.channels[0]!.samples]).toEqual([1, -2, 3, -32768, 32767]);
    expect(wave.channels[1]).toMatchObject({ code: 7, rateHz: 62.5, firstIndex: 12 });
    expect([...wave.channels[1]!.samples]).toEqual([7, 8]);
  });

  it.each([0, 23, 30, 47, 50])('cut to %i bytes is refused', (bytes) => {
    expect(() => decodeWave(frame(TWO_CHANNELS).slice(0, bytes))).toThrow(ProtocolError);
  });

  it('of another kind or origin is refused', () => {
    expect(() => decodeWave(frame({ ...TWO_CHANNELS, kind: 2 }))).toThrow(ProtocolError);
    expect(() => decodeWave(frame({ ...TWO_CHANNELS, origin: 3 }))).toThrow(ProtocolError);
  });
});

describe('text frame', () => {
  it('is read by its type', () => {
    expect(parseText('{"type":"beat","bed":1,"t":2,"class":"NORMAL"}')).toMatchObject({ type: 'beat', bed: 1 });
  });

  it('of an unknown type is left alone', () => {
    expect(parseText('{"type":"from_the_future"}')).toBeNull();
  });

  it.each(['', 'null', '[]', '{"bed":1}', '{"type":'])('%j is refused', (text) => {
    expect(() => parseText(text)).toThrow(ProtocolError);
  });
});
