// SPDX-License-Identifier: Apache-2.0
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { addPainter } from '../animation';
import { freshness } from '../freshness';
import { Painter } from '../painter';
import { type Bed, linkAge, wavesAge } from '../store';
import { channelColour, channelLabel, channelSpeed } from '../words';

interface Props {
  bed: Bed;
  channel: string;
  testId?: string;
}

/** One channel sweeping over its own canvas; hatched after 2 s without data, empty after 5 s. */
export function Sweep({ bed, channel, testId }: Props): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [gain, setGain] = useState('');
  useEffect(() => sweepOn(canvas.current!, bed, channel, setGain), [bed, channel]);
  const label = channelLabel(channel);
  return (
    <div class="sweep">
      <canvas ref={canvas} role="img" aria-label={`${label} waveform, ${bed.name}`} data-testid={testId} />
      <p class="sweep-label">
        <b class={channelClass(channel)}>{label}</b> {channelSpeed(channel)} mm/s approx. {gain}
      </p>
      <SweepCover bed={bed} channel={channel} />
    </div>
  );
}

function sweepOn(canvas: HTMLCanvasElement, bed: Bed, channel: string, onGain: (gain: string) => void): () => void {
  const painter = new Painter(canvas, bed.waves, channel, channelColour(channel), channelSpeed(channel), 2);
  painter.onLabel = onGain;
  const observer = new ResizeObserver(() => painter.resize());
  observer.observe(canvas);
  const remove = addPainter(painter);
  return () => {
    observer.disconnect();
    remove();
  };
}

function SweepCover({ bed, channel }: { bed: Bed; channel: string }): JSX.Element | null {
  const age = wavesAge(bed);
  const state = age === null ? 'lost' : freshness(Math.max(age, linkAge.value));
  if (state === 'lost') return <p class="cover blank-cover">NO DATA</p>;
  if (state === 'stale') return <p class="cover hatched">NO DATA</p>;
  if (bed.waves.channels.get(channel)?.leadOff) return <p class="cover note-cover">ELECTRODE OFF</p>;
  return null;
}

export function channelClass(channel: string): string {
  if (channel.startsWith('ecg')) return 'ecg';
  return channel.startsWith('pleth') ? 'pleth' : channel === 'resp' ? 'resp' : 'plain';
}
