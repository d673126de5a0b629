// SPDX-License-Identifier: Apache-2.0
/** Waveforms of one bed: a ring per channel and the pen that all its sweeps share. */

import {
  CHANNEL_GAP,
  CHANNEL_LEAD_OFF,
  CHANNEL_SEAM,
  type ChannelChunk,
  FRAME_GAP,
  FRAME_SEAM,
  MISSING,
  type WaveFrame,
} from './protocol';
import { SampleRing } from './ring';
import { movePen, PEN_DELAY_S } from './sweep';

const KEPT_S = 40;

export interface Channel {
  ring: SampleRing;
  leadOff: boolean;
}

export interface Counters {
  framesReceived: number;
  samplesReceived: Record<string, Record<string, number>>;
  gaps: number;
  doubles: number;
  fps: number;
}

export class BedWaves {
  readonly channels = new Map<string, Channel>();
  /** Time drawn up to on the device's clock, [s]; null before the first sample. */
  pen: number | null = null;
  /** Changes when all of a sweep must be drawn anew. */
  epoch = 0;

  /** Take a frame. `lost` when frames before it are missing. Returns true for a new channel. */
  take(frame: WaveFrame, names: readonly string[], lost: boolean, count: (name: string, stored: number, lost: number, doubled: number) => void): boolean {
    let fresh = false;
    for (const chunk of frame.channels) {
      const name = names[chunk.code];
      if (name === undefined || !(chunk.rateHz > 0)) continue;
      const channel = this.channel(name, chunk.rateHz);
      fresh ||= channel.ring.end === null;
      this.put(channel, chunk, lost || (frame.flags & (FRAME_GAP | FRAME_SEAM)) !== 0, (s, l, d) => count(name, s, l, d));
    }
    return fresh;
  }

  /** Newest sample of all channels on the device's clock, [s]; null before the first one. */
  end(): number | null {
    let end: number | null = null;
    for (const { ring } of this.channels.values()) {
      if (ring.end !== null) end = Math.max(end ?? -Infinity, ring.end / ring.rateHz);
    }
    return end;
  }

  /** Move the pen on by `elapsed` seconds. */
  advance(elapsed: number): void {
    const end = this.end();
    if (end === null) return;
    const moved = this.pen === null ? { at: end - PEN_DELAY_S, jumped: true } : movePen(this.pen, elapsed, end);
    this.pen = moved.at;
    if (moved.jumped) this.epoch += 1;
  }

  private channel(name: string, rateHz: number): Channel {
    const known = this.channels.get(name);
    if (known !== undefined && known.ring.rateHz === rateHz) return known;
    const channel = { ring: new SampleRing(rateHz, KEPT_S), leadOff: false };
    this.channels.set(name, channel);
    this.epoch += 1;
    return channel;
  }

  private put(channel: Channel, chunk: ChannelChunk, broken: boolean, count: (s: number, l: number, d: number) => void): void {
    const own = (chunk.flags & (CHANNEL_GAP | CHANNEL_SEAM)) !== 0;
    const before = channel.ring.end;
    const { stored, lost, doubled } = channel.ring.put(chunk.firstIndex, chunk.samples, chunk.scale, MISSING, broken || own);
    channel.leadOff = (chunk.flags & CHANNEL_LEAD_OFF) !== 0;
    // A replay or a restarted device changes what is drawn already.
    const behindPen = this.pen !== null && chunk.firstIndex / chunk.rateHz < this.pen;
    if (behindPen || (before !== null && chunk.firstIndex < before)) this.epoch += 1;
    count(stored, lost, doubled);
  }
}
