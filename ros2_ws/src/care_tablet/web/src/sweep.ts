// SPDX-License-Identifier: Apache-2.0
/** Mathematics of a waveform sweep: where a sample is drawn, what is erased, how far the pen has come. */

import type { SampleRing } from './ring';

/** Width of a pixel of a 10 inch tablet of 1280 pixels, [mm]; other screens differ, so speeds are "approx.". */
export const MM_PER_PX = 0.17;
/** Blank strip in front of the pen, [px]. */
export const ERASE_BAR_PX = 28;
/** The pen stays this far behind the newest sample so that late chunks do not stop it, [s]. */
export const PEN_DELAY_S = 0.16;
/** A pen further off than this jumps, [s]. */
const JUMP_S = 1.0;

export function pxPerSecond(mmPerSecond: number): number {
  return mmPerSecond / MM_PER_PX;
}

/** Where time `seconds` of the device's clock is drawn on a sweep of `width`, [px]. */
export function xOf(seconds: number, pxPerS: number, width: number): number {
  const x = (seconds * pxPerS) % width;
  return x < 0 ? x + width : x;
}

export interface Strip {
  x: number;
  width: number;
}

/** Strips of the canvas between two positions that lie on an endless paper; wraps round at `width`. */
export function strips(from: number, to: number, width: number): Strip[] {
  if (to - from >= width) return [{ x: 0, width }];
  if (to <= from) return [];
  const x = ((from % width) + width) % width;
  const length = to - from;
  if (x + length <= width) return [{ x, width: length }];
  return [
    { x, width: width - x },
    { x: 0, width: x + length - width },
  ];
}

export interface Pen {
  /** Time that is drawn up to, on the device's clock, [s]. */
  at: number;
  /** The pen jumped: everything must be drawn anew. */
  jumped: boolean;
}

/**
 * Move the pen on by `elapsed` seconds. It follows the newest sample at `end` smoothly, runs on into an
 * empty strip when no data come (so that old waves do not stand as if they were new), and jumps when it
 * is more than a second off.
 */
export function movePen(at: number, elapsed: number, end: number): Pen {
  const error = end - PEN_DELAY_S - (at + elapsed);
  if (error > JUMP_S || error < -6 * JUMP_S) return { at: end - PEN_DELAY_S, jumped: true };
  const correction = Math.max(-0.1, Math.min(0.1, error * 0.5));
  return { at: at + elapsed * (1 + correction), jumped: false };
}

/** Paper for the line: what a canvas context offers, so that tests can record it. */
export interface Paper {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
}

/**
 * Draw the line from sample `from` up to and including sample `to`. Missing samples and breaks lift the
 * pen; a line over the right edge goes on at the left one.
 */
export function drawLine(
  paper: Paper,
  ring: SampleRing,
  from: number,
  to: number,
  pxPerS: number,
  width: number,
  y: (value: number) => number,
): void {
  let down = false;
  let lastX = 0;
  let lastY = 0;
  for (let i = from; i <= to; i++) {
    const value = ring.at(i);
    if (Number.isNaN(value)) {
      down = false;
      continue;
    }
    const x = xOf(i / ring.rateHz, pxPerS, width);
    const py = y(value);
    if (!down || (i > from && ring.brokenAt(i))) {
      paper.moveTo(x, py);
    } else if (x < lastX) {
      paper.lineTo(x + width, py);
      paper.moveTo(lastX - width, lastY);
      paper.lineTo(x, py);
    } else {
      paper.lineTo(x, py);
    }
    down = true;
    lastX = x;
    lastY = py;
  }
}

export interface Scale {
  /** Height of one unit, [mm]. */
  gain: number;
  /** Value in the middle of the canvas. */
  centre: number;
}

/** Gains for ECG, [mm/mV]: those printed on ECG paper and their neighbours. */
export const ECG_GAINS: readonly number[] = [1.25, 2.5, 5, 10, 20];
/** An ECG smaller than this is not enlarged, [mV]: a flat line's noise must not look like a rhythm. */
export const ECG_FLAT_MV = 0.3;
/** Gains for waves without a unit, [mm per unit]. */
export const FREE_GAINS: readonly number[] = [-3, -2, -1, 0, 1, 2, 3, 4].flatMap((e) => [1, 2, 5].map((m) => m * 10 ** e));

/** Parts of the canvas' height: largest and smallest wave, and how far it may lie from the middle. */
const FILL = 0.84;
const ENLARGE_BELOW = 0.4;
const OFF_CENTRE = 0.08;

/**
 * Choose gain and centre for values from `low` to `high` on a canvas `heightMm` high. The present scale is
 * kept while the wave fits, is not small and lies near the middle, so that the picture does not pump; a wave
 * smaller than `flat` is never enlarged.
 */
export function chooseScale(
  low: number,
  high: number,
  heightMm: number,
  gains: readonly number[],
  present: Scale | null,
  flat = 0,
): Scale {
  const span = Math.max(high - low, 1e-9);
  const centre = (low + high) / 2;
  const gain = best(span, heightMm, gains);
  if (present === null) return { gain, centre };
  const enlarge = span >= flat && gain > present.gain && span * present.gain < ENLARGE_BELOW * heightMm;
  if (enlarge || span * present.gain > FILL * heightMm) return { gain, centre };
  const off = Math.abs(centre - present.centre) * present.gain;
  return off <= OFF_CENTRE * heightMm ? present : { gain: present.gain, centre };
}

function best(span: number, heightMm: number, gains: readonly number[]): number {
  return gains.reduce((chosen, gain) => (span * gain <= FILL * heightMm ? Math.max(chosen, gain) : chosen), gains[0]!);
}

/** Range of the samples from `from` to `to`, without the outermost 0.1 %; null with under a second of them. */
export function rangeOf(ring: SampleRing, from: number, to: number): [number, number] | null {
  const values: number[] = [];
  for (let i = Math.max(0, from); i <= to; i++) {
    const value = ring.at(i);
    if (!Number.isNaN(value)) values.push(value);
  }
  if (values.length < ring.rateHz) return null;
  values.sort((a, b) => a - b);
  const cut = Math.floor(values.length * 0.001);
  return [values[cut]!, values[values.length - 1 - cut]!];
}
