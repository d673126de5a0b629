// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { SampleRing } from '../src/ring';
import { chooseScale, drawLine, ECG_FLAT_MV, ECG_GAINS, MM_PER_PX, movePen, type Paper, PEN_DELAY_S, pxPerSecond, rangeOf, strips, xOf } from '../src/sweep';

const MISSING = -32768;

function ring(samples: number[], first = 0, rate = 100): SampleRing {
  const made = new SampleRing(rate, 10);
  made.put(first, Int16Array.from(samples), 1, MISSING, false);
  return made;
}

class Recorder implements Paper {
  strokes: [number, number][][] = [];

  moveTo(x: number, y: number): void {
    this.strokes.push([[x, y]]);
  }

  lineTo(x: number, y: number): void {
    this.strokes.at(-1)!.push([x, y]);
  }
}

function drawn(source: SampleRing, from: number, to: number, width = 1000): [number, number][][] {
  const paper = new Recorder();
  drawLine(paper, source, from, to, 100, width, (value) => 50 - value);
  return paper.strokes;
}

describe('position on the sweep', () => {
  it('is 25 mm for each second at 25 mm/s', () => {
    const speed = pxPerSecond(25);
    expect((xOf(2, speed, 1000) - xOf(1, speed, 1000)) * MM_PER_PX).toBeCloseTo(25, 6);
  });

  it('goes back to the left edge at the right one', () => {
    expect(xOf(9.99, 100, 1000)).toBeCloseTo(999, 6);
    expect(xOf(10, 100, 1000)).toBeCloseTo(0, 6);
    expect(xOf(1e6 + 0.5, 100, 1000)).toBeCloseTo(50, 3);
  });
});

describe('erase bar', () => {
  it('is one strip inside the canvas and two round its edge', () => {
    expect(strips(120, 130, 1000)).toEqual([{ x: 120, width: 10 }]);
    expect(strips(5995, 6005, 1000)).toEqual([
      { x: 995, width: 5 },
      { x: 0, width: 5 },
    ]);
  });

  it('is nothing when nothing moved, and all of it after a whole sweep', () => {
    expect(strips(50, 50, 1000)).toEqual([]);
    expect(strips(0, 2500, 1000)).toEqual([{ x: 0, width: 1000 }]);
  });
});

describe('line', () => {
  it('joins neighbouring samples at their places', () => {
    expect(drawn(ring([0, 10, 20]), 0, 2)).toEqual([
      [
        [0, 50],
        [1, 40],
        [2, 30],
      ],
    ]);
  });

  it('is interrupted where samples are missing, never joined over them', () => {
    const strokes = drawn(ring([1, 2, MISSING, 4, 5]), 0, 4);
    expect(strokes.map((stroke) => stroke.map(([x]) => x))).toEqual([
      [0, 1],
      [3, 4],
    ]);
  });

  it('is interrupted where chunks were lost', () => {
    const source = ring([1, 2]);
    source.put(5, Int16Array.from([3, 4]), 1, MISSING, false);
    expect(drawn(source, 0, 6).map((stroke) => stroke.map(([x]) => x))).toEqual([
      [0, 1],
      [5, 6],
    ]);
  });

  it('is interrupted at a seam although no sample is missing', () => {
    const source = ring([1, 2]);
    source.put(2, Int16Array.from([3, 4]), 1, MISSING, true);
    expect(drawn(source, 0, 3).map((stroke) => stroke.map(([x]) => x))).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  it('runs out over the right edge and in from the left one', () => {
    const strokes = drawn(ring([7, 7], 9), 9, 10, 10);
    expect(strokes.map((stroke) => stroke.map(([x]) => Math.round(x)))).toEqual([
      [9, 10],
      [-1, 0],
    ]);
  });

  it('draws nothing of samples that have not come', () => {
    expect(drawn(ring([1, 2]), 2, 50)).toEqual([]);
  });
});

describe('ring', () => {
  it('counts what was lost and refuses what it has', () => {
    const source = new SampleRing(100, 10);
    expect(source.put(100, new Int16Array(10), 1, MISSING, false)).toEqual({ stored: 10, lost: 0, doubled: 0 });
    expect(source.put(115, new Int16Array(5), 1, MISSING, false)).toEqual({ stored: 5, lost: 5, doubled: 0 });
    expect(source.put(115, new Int16Array(5), 1, MISSING, false)).toEqual({ stored: 0, lost: 0, doubled: 5 });
    expect(source.put(118, new Int16Array(4), 1, MISSING, false)).toEqual({ stored: 2, lost: 0, doubled: 2 });
    expect(source.end).toBe(122);
  });

  it('takes a jump of its index, however far', () => {
    const source = ring([1, 2]);
    source.put(1e12, Int16Array.from([3]), 1, MISSING, false);
    expect([source.at(1), source.at(1e12)]).toEqual([NaN, 3]);
  });

  it('forgets the oldest samples', () => {
    const source = new SampleRing(10, 1);
    source.put(0, Int16Array.from({ length: 15 }, (_, i) => i), 0.5, MISSING, false);
    expect(source.at(4)).toBeNaN();
    expect(source.at(5)).toBe(2.5);
    expect(source.at(14)).toBe(7);
    expect(source.at(15)).toBeNaN();
  });

  it('starts anew when the device counts from the beginning again', () => {
    const source = ring(new Array(300).fill(1), 0, 100);
    source.put(0, Int16Array.from([9]), 1, MISSING, false);
    expect(source.end).toBe(1);
    expect(source.at(0)).toBe(9);
    expect(source.at(200)).toBeNaN();
  });
});

describe('pen', () => {
  it('follows steady data at their pace, a little behind', () => {
    let at = 0;
    let end = PEN_DELAY_S;
    for (let i = 0; i < 600; i++) {
      end += 1 / 60;
      const moved = movePen(at, 1 / 60, end);
      expect(moved.jumped).toBe(false);
      at = moved.at;
    }
    expect(end - at).toBeCloseTo(PEN_DELAY_S, 3);
  });

  it('runs on into an empty strip when data stop', () => {
    let at = 10;
    for (let i = 0; i < 120; i++) at = movePen(at, 1 / 60, 10).at;
    expect(at).toBeGreaterThan(11.7);
  });

  it('jumps when the data are more than a second ahead', () => {
    expect(movePen(10, 1 / 60, 20)).toEqual({ at: 20 - PEN_DELAY_S, jumped: true });
  });
});

describe('scale', () => {
  it('takes the largest ECG gain at which the wave fits', () => {
    expect(chooseScale(-0.5, 1.5, 30, ECG_GAINS, null)).toEqual({ gain: 10, centre: 0.5 });
    expect(chooseScale(-0.25, 0.75, 30, ECG_GAINS, null).gain).toBe(20);
    expect(chooseScale(-5, 5, 30, ECG_GAINS, null).gain).toBe(2.5);
  });

  it('stays while the wave fits and is not small', () => {
    const present = { gain: 10, centre: 0.4 };
    expect(chooseScale(-0.5, 1.4, 30, ECG_GAINS, present)).toBe(present);
  });

  it('changes when the wave leaves the canvas or becomes small', () => {
    expect(chooseScale(-2, 2, 30, ECG_GAINS, { gain: 10, centre: 0 }).gain).toBe(5);
    expect(chooseScale(-0.2, 0.4, 30, ECG_GAINS, { gain: 5, centre: 0 }).gain).toBe(20);
  });

  it('keeps its gain and moves to the middle when the wave has drifted', () => {
    expect(chooseScale(0.5, 2, 30, ECG_GAINS, { gain: 10, centre: 0.4 })).toEqual({ gain: 10, centre: 1.25 });
  });

  it('does not enlarge the noise of a flat line into a rhythm', () => {
    const present = { gain: 10, centre: 0 };
    expect(chooseScale(-0.05, 0.05, 30, ECG_GAINS, present, ECG_FLAT_MV)).toBe(present);
    expect(chooseScale(3, 3.1, 30, ECG_GAINS, present, ECG_FLAT_MV).gain).toBe(10);
  });

  it('looks at a second of samples at least, without single spikes', () => {
    expect(rangeOf(ring(new Array(99).fill(1)), 0, 98)).toBeNull();
    const values = Array.from({ length: 1000 }, (_, i) => i % 100);
    values[450] = 30000;
    expect(rangeOf(ring(values), 0, 999)).toEqual([0, 99]);
  });
});
