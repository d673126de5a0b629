// SPDX-License-Identifier: Apache-2.0
/** The newest samples of one channel, addressed by their index since the device started. */

export interface Stored {
  /** Samples that were put in, missing ones included. */
  stored: number;
  /** Samples lost before this chunk. */
  lost: number;
  /** Samples that were there already. */
  doubled: number;
}

export class SampleRing {
  /** Index after the newest sample; null before the first chunk. */
  end: number | null = null;
  private begin = 0;
  private readonly values: Float32Array;
  private readonly breaks: Uint8Array;

  constructor(
    readonly rateHz: number,
    seconds: number,
  ) {
    const capacity = Math.max(2, Math.ceil(rateHz * seconds));
    this.values = new Float32Array(capacity).fill(NaN);
    this.breaks = new Uint8Array(capacity);
  }

  /**
   * Put a chunk in. Indices that were skipped become missing; `broken` marks that the line may not be
   * joined to the first sample. An index more than a second back means that the device counts from the
   * beginning again: the ring is emptied.
   */
  put(firstIndex: number, samples: Int16Array, scale: number, missing: number, broken: boolean): Stored {
    if (this.end === null || firstIndex < this.end - this.rateHz) this.restart(firstIndex);
    const end = this.end!;
    const lost = Math.max(0, firstIndex - end);
    const doubled = Math.min(samples.length, Math.max(0, end - firstIndex));
    this.skip(firstIndex);
    for (let i = doubled; i < samples.length; i++) {
      const raw = samples[i]!;
      this.append(raw === missing ? NaN : raw * scale, broken && i === 0);
    }
    return { stored: samples.length - doubled, lost, doubled };
  }

  /** Value at an index; NaN when missing, not yet there or forgotten. */
  at(index: number): number {
    return this.holds(index) ? this.values[index % this.values.length]! : NaN;
  }

  /** True when the line may not be joined from the sample before `index`. */
  brokenAt(index: number): boolean {
    return this.holds(index) && this.breaks[index % this.breaks.length] === 1;
  }

  private holds(index: number): boolean {
    return this.end !== null && index >= this.begin && index < this.end;
  }

  private restart(firstIndex: number): void {
    this.begin = firstIndex;
    this.end = firstIndex;
  }

  private skip(to: number): void {
    if (to - this.end! >= this.values.length) this.restart(to);
    while (this.end! < to) this.append(NaN, false);
  }

  private append(value: number, broken: boolean): void {
    const slot = this.end! % this.values.length;
    this.values[slot] = value;
    this.breaks[slot] = broken ? 1 : 0;
    this.end = this.end! + 1;
    this.begin = Math.max(this.begin, this.end - this.values.length);
  }
}
