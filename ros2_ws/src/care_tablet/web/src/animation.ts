// SPDX-License-Identifier: Apache-2.0
/** One animation loop for all sweeps of the page. */

import type { Painter } from './painter';
import { beds, counters } from './store';

/** A hidden page gets no frames: after that the pens must not run through the time that was missed. */
const LONGEST_STEP_S = 0.25;

const painters = new Set<Painter>();
let last = 0;
let frames = 0;
let countedFrom = 0;

export function addPainter(painter: Painter): () => void {
  painters.add(painter);
  return () => painters.delete(painter);
}

export function startAnimation(): void {
  requestAnimationFrame(frame);
}

function frame(ms: number): void {
  const elapsed = Math.min(LONGEST_STEP_S, Math.max(0, (ms - last) / 1000));
  last = ms;
  for (const bed of beds.peek()) bed.waves.advance(elapsed);
  for (const painter of painters) painter.paint();
  countFrame(ms);
  requestAnimationFrame(frame);
}

function countFrame(ms: number): void {
  frames += 1;
  if (ms - countedFrom < 1000) return;
  counters.fps = Math.round((frames * 10000) / (ms - countedFrom)) / 10;
  frames = 0;
  countedFrom = ms;
}
