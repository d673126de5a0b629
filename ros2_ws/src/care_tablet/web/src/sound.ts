// SPDX-License-Identifier: Apache-2.0
/**
 * Alarm sounds as numbers: when the pulses of a burst sound, what they are made of, when a burst is repeated.
 * Timing and spectrum follow the ranges of IEC 60601-1-8 as design targets; conformity is not claimed.
 */

import type { Priority } from './protocol';

/** LINK is this tablet's own sound: it has lost the ward. */
export type SoundKind = Priority | 'LINK';

export interface BurstShape {
  /** Fundamental frequency, [Hz]. */
  frequency: number;
  /** Duration of a pulse, [s]. */
  pulse: number;
  /** Silence between two pulses of a group, [s]. */
  space: number;
  /** Pulses of each group; the groups of three and two of a HIGH burst are set apart. */
  groups: readonly number[];
  /** Silence between groups, in order, [s]. */
  pauses: readonly number[];
  /** From the start of a burst to the start of the next one, [s]. */
  period: number;
  /** Peak of the burst, 1 is full scale. */
  loudness: number;
}

const HIGH_PULSE = 0.12;
const HIGH_SPACE = 0.1;
const HIGH_STEP = 2 * HIGH_SPACE + HIGH_PULSE;

export const BURSTS: Record<SoundKind, BurstShape> = {
  HIGH: {
    frequency: 660,
    pulse: HIGH_PULSE,
    space: HIGH_SPACE,
    groups: [3, 2, 3, 2],
    pauses: [HIGH_STEP, 0.5, HIGH_STEP],
    period: 8,
    loudness: 0.9,
  },
  MEDIUM: { frequency: 660, pulse: 0.18, space: 0.2, groups: [3], pauses: [], period: 20, loudness: 0.75 },
  LOW: { frequency: 660, pulse: 0.18, space: 0.2, groups: [2], pauses: [], period: 30, loudness: 0.6 },
  LINK: { frequency: 220, pulse: 0.25, space: 0.25, groups: [2], pauses: [], period: 20, loudness: 0.75 },
};

/** Amplitudes of the fundamental and its harmonics: within 15 dB of the fundamental. */
export const HARMONICS: readonly number[] = [1, 0.75, 0.55, 0.4, 0.3];
/** Rise and fall of a pulse as part of its duration. */
export const RISE = 0.2;

export interface Pulse {
  start: number;
  duration: number;
}

/** When the pulses of a burst sound, [s] from its start. */
export function pulses(kind: SoundKind): Pulse[] {
  const { groups, pauses, pulse, space } = BURSTS[kind];
  const all: Pulse[] = [];
  let at = 0;
  groups.forEach((count, group) => {
    for (let i = 0; i < count; i++) {
      all.push({ start: at, duration: pulse });
      at += pulse + (i < count - 1 ? space : 0);
    }
    at += pauses[group] ?? 0;
  });
  return all;
}

/** A burst as samples -1..1 at `rate` Hz. */
export function synthesise(kind: SoundKind, rate: number): Float32Array {
  const shape = BURSTS[kind];
  const plan = pulses(kind);
  const last = plan[plan.length - 1]!;
  const samples = new Float32Array(Math.ceil((last.start + last.duration) * rate) + 1);
  for (const { start, duration } of plan) {
    const first = Math.round(start * rate);
    const count = Math.round(duration * rate);
    for (let i = 0; i < count; i++) {
      samples[first + i] = shape.loudness * envelope(i / count) * tone(shape.frequency, i / rate);
    }
  }
  return samples;
}

function envelope(part: number): number {
  return Math.min(1, part / RISE, (1 - part) / RISE);
}

const HARMONIC_SUM = HARMONICS.reduce((sum, amplitude) => sum + amplitude, 0);

function tone(frequency: number, t: number): number {
  return HARMONICS.reduce((sum, amplitude, n) => sum + amplitude * Math.sin(2 * Math.PI * frequency * (n + 1) * t), 0) / HARMONIC_SUM;
}

const RANK: Record<SoundKind, number> = { HIGH: 3, MEDIUM: 2, LINK: 2, LOW: 1 };

/** Something that should be heard. */
export interface Sounding {
  id: string;
  kind: SoundKind;
  /** A nurse call: no pause mutes it. */
  call?: boolean;
}

/** Ids of what a pause may silence: all but nurse calls. */
export function pausable(sounding: readonly Sounding[]): string[] {
  return sounding.filter((s) => s.call !== true).map((s) => s.id);
}

/** Decides which burst starts when. A new thing sounds at once; the most urgent kind is then repeated. */
export class BurstSchedule {
  private known = new Set<string>();
  private startedAt = -Infinity;
  private playing: SoundKind | null = null;

  /** The burst to start at steady time `now`, or null. */
  next(sounding: readonly Sounding[], now: number): SoundKind | null {
    const added = sounding.filter((s) => !this.known.has(s.id));
    this.known = new Set(sounding.map((s) => s.id));
    if (sounding.length === 0) {
      this.playing = null;
      return null;
    }
    const kind = loudest(sounding);
    const fresh = added.length > 0 && (this.playing === null || RANK[loudest(added)] >= RANK[this.playing]);
    if (!fresh && this.playing === kind && now - this.startedAt < BURSTS[kind].period) return null;
    // A lower kind takes over only after the burst that is sounding.
    if (!fresh && this.playing !== kind && now - this.startedAt < BURSTS[this.playing ?? kind].period) return null;
    this.playing = kind;
    this.startedAt = now;
    return kind;
  }
}

function loudest(sounding: readonly Sounding[]): SoundKind {
  return sounding.reduce((best, s) => (RANK[s.kind] > RANK[best] ? s.kind : best), sounding[0]!.kind);
}
