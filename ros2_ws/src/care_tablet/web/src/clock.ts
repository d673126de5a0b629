// SPDX-License-Identifier: Apache-2.0
/**
 * The ward's clock as seen from this tablet.
 *
 * The tablet's own date is never used: only its steady counter, plus the offset to the server's time.
 * A message can only arrive late, so the largest offset of the last minute is the best one.
 */

const WINDOW_S = 60;

export class WardClock {
  private offsets: { at: number; offset: number }[] = [];

  /** Note the server's time `now` that arrived at steady time `at`, both [s]. */
  note(now: number, at: number): void {
    const offset = now - at;
    // After the server's clock was set, the old offsets are of another clock.
    if (Math.abs(offset - (this.offset() ?? offset)) > 5) this.offsets = [];
    this.offsets.push({ at, offset });
    this.offsets = this.offsets.filter((o) => at - o.at <= WINDOW_S);
  }

  /** Server time at steady time `at`, or null before the first message. */
  at(at: number): number | null {
    const offset = this.offset();
    return offset === null ? null : at + offset;
  }

  private offset(): number | null {
    if (this.offsets.length === 0) return null;
    return this.offsets.reduce((best, o) => Math.max(best, o.offset), -Infinity);
  }
}

/** Steady seconds since the page was opened. */
export function steady(): number {
  return performance.now() / 1000;
}

/** `HH:MM:SS` of a server time. */
export function timeOfDay(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString('en-GB', { hour12: false });
}

/** `m:ss` of a duration, or `h:mm:ss` from an hour on. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const rest = String(whole % 60).padStart(2, '0');
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${rest}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${rest}`;
}
