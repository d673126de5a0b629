// SPDX-License-Identifier: Apache-2.0
/** Plays bursts through WebAudio, which browsers keep suspended until the page is touched. */

import { signal } from '@preact/signals';
import { type SoundKind, synthesise } from './sound';

export type SpeakerState = 'off' | 'on' | 'missing';

export const speakerState = signal<SpeakerState>(typeof AudioContext === 'undefined' ? 'missing' : 'off');

let context: AudioContext | null = null;
const buffers = new Map<SoundKind, AudioBuffer>();
let current: AudioBufferSourceNode | null = null;

/** Switch sound on; must be called from a touch or a key press. */
export function wakeSpeaker(): void {
  if (speakerState.value === 'missing') return;
  if (context === null) {
    context = new AudioContext();
    context.onstatechange = showState;
  }
  if (context.state !== 'running') context.resume().then(showState, showState);
  showState();
}

function showState(): void {
  speakerState.value = context?.state === 'running' ? 'on' : 'off';
}

/** Play a burst now; false when sound is off. */
export function play(kind: SoundKind): boolean {
  if (context === null || context.state !== 'running') return false;
  hush();
  current = new AudioBufferSourceNode(context, { buffer: bufferOf(context, kind) });
  current.connect(context.destination);
  current.start();
  return true;
}

/** Break off the burst that is sounding. */
export function hush(): void {
  current?.stop();
  current = null;
}

function bufferOf(audio: AudioContext, kind: SoundKind): AudioBuffer {
  let buffer = buffers.get(kind);
  if (buffer === undefined) {
    const samples = synthesise(kind, audio.sampleRate);
    buffer = audio.createBuffer(1, samples.length, audio.sampleRate);
    buffer.getChannelData(0).set(samples);
    buffers.set(kind, buffer);
  }
  return buffer;
}
