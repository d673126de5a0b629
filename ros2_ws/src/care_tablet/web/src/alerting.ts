// SPDX-License-Identifier: Apache-2.0
/** Makes the page's sounds: the ward's alarms, and faults that the ward can no longer report itself. */

import { computed, signal } from '@preact/signals';
import { audible } from './alarms';
import { steady } from './clock';
import type { Fault } from './faults';
import { BurstSchedule, pausable, type Sounding } from './sound';
import { hush, play, speakerState } from './speaker';
import { alarms, faults, hidesAlarms, now, wardNow } from './store';

/** Longest pause of the sound on this tablet alone, [s]. */
export const LOCAL_PAUSE_S = 120;

interface LocalPause {
  until: number;
  ids: Set<string>;
}

const localPause = signal<LocalPause | null>(null);

/** What should be heard, before pauses on this tablet. */
const wanted = computed(() => [...audible(alarms.value, wardNow.value), ...faults.value.flatMap(soundOf)]);

/** True while the ward cannot be asked for a pause, so that this tablet offers its own. */
export const localPauseOffered = computed(() => faults.value.some(hidesAlarms));
/** Seconds left of the pause on this tablet alone; 0 for none. */
export const localPauseLeft = computed(() => (localPauseOffered.value ? Math.max(0, (localPause.value?.until ?? 0) - now.value) : 0));

export const sounding = computed(() => {
  const pause = localPauseLeft.value > 0 ? localPause.value : null;
  return wanted.value.filter((s) => pause === null || !pause.ids.has(s.id));
});

function soundOf(fault: Fault): Sounding[] {
  if (fault.code === 'link') return [{ id: 'fault:link', kind: 'LINK' }];
  if (fault.code === 'alarms_not_running') return [{ id: 'fault:alarms', kind: 'HIGH' }];
  return [];
}

/** Pause what sounds now, on this tablet alone: for when the ward cannot be asked. New things and nurse calls still sound. */
export function pauseHere(): void {
  localPause.value = { until: steady() + LOCAL_PAUSE_S, ids: new Set(pausable(wanted.peek())) };
}

const schedule = new BurstSchedule();

/** Start a burst if one is due; called four times a second. */
export function alertTick(): void {
  if (speakerState.peek() !== 'on') return;
  const heard = sounding.peek();
  if (heard.length === 0) {
    if (alerting) hush();
    alerting = false;
  }
  const kind = schedule.next(heard, steady());
  if (kind !== null) alerting = play(kind);
}

let alerting = false;
