// SPDX-License-Identifier: Apache-2.0
/** Waveform frames as the gateway makes them, written from the protocol's description. */

export interface ChannelSpec {
  code: number;
  flags?: number;
  rate: number;
  scale: number;
  first: number;
  samples: number[];
}

export interface FrameSpec {
  kind?: number;
  bed: number;
  flags?: number;
  seq: number;
  t0: number;
  origin?: number;
  channels: ChannelSpec[];
}

export function frame(spec: FrameSpec): ArrayBuffer {
  const sizes = spec.channels.map((c) => 24 + Math.ceil((c.samples.length * 2) / 8) * 8);
  const buffer = new ArrayBuffer(24 + sizes.reduce((a, b) => a + b, 0));
  const view = new DataView(buffer);
  view.setUint8(0, spec.kind ?? 1);
  view.setUint8(1, spec.bed);
  view.setUint8(2, spec.channels.length);
  view.setUint8(3, spec.flags ?? 0);
  view.setUint32(4, spec.seq, true);
  view.setFloat64(8, spec.t0, true);
  view.setUint8(16, spec.origin ?? 2);
  let at = 24;
  spec.channels.forEach((c, i) => {
    view.setUint8(at, c.code);
    view.setUint8(at + 1, c.flags ?? 0);
    view.setUint16(at + 2, c.samples.length, true);
    view.setFloat32(at + 4, c.rate, true);
    view.setFloat32(at + 8, c.scale, true);
    view.setBigUint64(at + 16, BigInt(c.first), true);
    c.samples.forEach((v, n) => view.setInt16(at + 24 + n * 2, v, true));
    at += sizes[i]!;
  });
  return buffer;
}
