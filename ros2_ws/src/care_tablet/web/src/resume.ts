// SPDX-License-Identifier: Apache-2.0
/** Which waveform frames this page has: for taking up the stream after a lost link without loss or doubling. */

export type Verdict = 'next' | 'gap' | 'double';

export class Resume {
  boot: string | null = null;
  private last = new Map<number, number>();

  /** First frame that this page sends on a new connection. */
  hello(protocol: number): string {
    return JSON.stringify({ type: 'hello', protocol, boot: this.boot, last: Object.fromEntries(this.last) });
  }

  /** Take the gateway's boot id; true when the gateway has restarted and counts from the beginning. */
  greet(boot: string): boolean {
    const restarted = this.boot !== null && this.boot !== boot;
    if (this.boot !== boot) this.last.clear();
    this.boot = boot;
    return restarted;
  }

  /** Judge a frame and remember it: the next one, one after missing ones, or one already seen. */
  judge(bed: number, seq: number): Verdict {
    const last = this.last.get(bed);
    if (last !== undefined && seq <= last) return 'double';
    this.last.set(bed, seq);
    return last === undefined || seq === last + 1 ? 'next' : 'gap';
  }
}

/** Seconds to wait before connection attempt number `attempt` (from 0); `random` in 0..1 spreads tablets. */
export function backOff(attempt: number, random: number): number {
  const full = Math.min(5, 0.25 * 2 ** Math.min(attempt, 10));
  return Math.max(0.25, full * (0.5 + 0.5 * random));
}
