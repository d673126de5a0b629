// SPDX-License-Identifier: Apache-2.0
/** Draws one channel on one canvas, a few pixels each frame. */

import { chooseScale, drawLine, ECG_FLAT_MV, ECG_GAINS, ERASE_BAR_PX, FREE_GAINS, MM_PER_PX, pxPerSecond, rangeOf, type Scale, strips } from './sweep';
import type { BedWaves } from './waves';

const RESCALE_EVERY_S = 1;
const RANGE_OVER_S = 4;
/** Gain of paper ECGs. */
const FIRST_ECG_SCALE: Scale = { gain: 10, centre: 0 };
const GROUND = '#05080c';

export class Painter {
  onLabel: (label: string) => void = () => {};
  private readonly context: CanvasRenderingContext2D;
  private ratio = 1;
  private width = 0;
  private height = 0;
  private scale: Scale | null = null;
  private drawnTo = 0;
  private epoch = -1;
  private rescaledAt = -Infinity;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly waves: BedWaves,
    private readonly name: string,
    private readonly colour: string,
    private readonly mmPerSecond: number,
    private readonly lineWidth: number,
  ) {
    this.context = canvas.getContext('2d', { alpha: false })!;
    this.resize();
  }

  resize(): void {
    this.ratio = window.devicePixelRatio || 1;
    const ratio = this.ratio;
    this.width = this.canvas.clientWidth;
    this.height = this.canvas.clientHeight;
    this.canvas.width = Math.round(this.width * ratio);
    this.canvas.height = Math.round(this.height * ratio);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.context.fillStyle = GROUND;
    this.context.fillRect(0, 0, this.width, this.height);
    this.epoch = -1;
    this.scale = null;
    this.rescaledAt = -Infinity;
  }

  /** Draw what has come since the last call. */
  paint(): void {
    const ring = this.waves.channels.get(this.name)?.ring;
    const pen = this.waves.pen;
    if (ring === undefined || pen === null || this.width === 0) return;
    this.rescale(pen);
    const to = Math.floor(pen * ring.rateHz);
    if (this.epoch !== this.waves.epoch) {
      this.epoch = this.waves.epoch;
      this.drawAll(pen, to);
    } else if (to > this.drawnTo) {
      this.erase(this.drawnTo / ring.rateHz, to / ring.rateHz);
      this.line(this.drawnTo, to);
    }
    this.drawnTo = to;
  }

  private drawAll(pen: number, to: number): void {
    const ring = this.waves.channels.get(this.name)!.ring;
    this.context.fillStyle = GROUND;
    this.context.fillRect(0, 0, this.width, this.height);
    const seconds = (this.width - ERASE_BAR_PX) / pxPerSecond(this.mmPerSecond);
    this.line(Math.ceil((pen - seconds) * ring.rateHz), to);
  }

  private erase(from: number, to: number): void {
    const speed = pxPerSecond(this.mmPerSecond);
    this.context.fillStyle = GROUND;
    for (const strip of strips(from * speed + ERASE_BAR_PX - 2, to * speed + ERASE_BAR_PX, this.width)) {
      // On whole pixels: blended edges would leave stripes on the ground.
      const left = Math.floor(strip.x * this.ratio) / this.ratio;
      const right = Math.ceil((strip.x + strip.width) * this.ratio) / this.ratio;
      this.context.fillRect(left, 0, right - left, this.height);
    }
  }

  private line(from: number, to: number): void {
    const ring = this.waves.channels.get(this.name)!.ring;
    const scale = this.scale ?? (this.isEcg() ? FIRST_ECG_SCALE : { gain: 1, centre: 0 });
    const pxPerUnit = scale.gain / MM_PER_PX;
    const y = (value: number): number => this.height / 2 - (value - scale.centre) * pxPerUnit;
    this.context.strokeStyle = this.colour;
    this.context.lineWidth = this.lineWidth;
    this.context.lineJoin = 'round';
    this.context.lineCap = 'round';
    this.context.beginPath();
    drawLine(this.context, ring, from, to, pxPerSecond(this.mmPerSecond), this.width, y);
    this.context.stroke();
  }

  private rescale(pen: number): void {
    if (pen - this.rescaledAt < RESCALE_EVERY_S && pen >= this.rescaledAt) return;
    this.rescaledAt = pen;
    const ring = this.waves.channels.get(this.name)!.ring;
    const range = rangeOf(ring, Math.floor((pen - RANGE_OVER_S) * ring.rateHz), ring.end!);
    if (range === null) return;
    const height = this.height * MM_PER_PX;
    const scale = this.isEcg()
      ? chooseScale(range[0], range[1], height, ECG_GAINS, this.scale ?? FIRST_ECG_SCALE, ECG_FLAT_MV)
      : chooseScale(range[0], range[1], height, FREE_GAINS, this.scale);
    if (scale === this.scale) return;
    this.scale = scale;
    this.epoch = -1;
    this.onLabel(this.isEcg() ? `${scale.gain} mm/mV` : 'gain auto');
  }

  private isEcg(): boolean {
    return this.name.startsWith('ecg');
  }
}
