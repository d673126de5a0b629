// SPDX-License-Identifier: Apache-2.0
/** State of the page: what the gateway said, and when. Views read signals; waveforms bypass them. */

import { batch, computed, signal, type Signal } from '@preact/signals';
import { standing } from './alarms';
import { steady, WardClock } from './clock';
import { type Fault, faultsOf } from './faults';
import { asOf } from './freshness';
import type { Phase } from './link';
import type {
  AlarmsMessage,
  BedAudio,
  BedMessage,
  HelloMessage,
  Origin,
  RobotMessage,
  ServerMessage,
  StatusMessage,
  User,
  VitalsMessage,
  WaveFrame,
} from './protocol';
import type { Verdict } from './resume';
import { BedWaves, type Counters } from './waves';

export interface Bed {
  bed: number;
  name: string;
  info: Signal<BedMessage | null>;
  vitals: Signal<VitalsMessage | null>;
  /** Steady time that the vital signs are as of, [s]. */
  vitalsAsOf: number | null;
  waves: BedWaves;
  /** Steady time of the newest sample, [s]. */
  wavesAsOf: number | null;
  waveOrigin: Signal<Origin | null>;
  /** Names of the channels that have come, in the gateway's order. */
  channels: Signal<string[]>;
  beats: Signal<number>;
}

export const clock = new WardClock();
export const phase = signal<Phase>('connecting');
export const hello = signal<HelloMessage | null>(null);
export const user = signal<User | null>(null);
export const beds = signal<Bed[]>([]);
export const alarms = signal<AlarmsMessage | null>(null);
export const status = signal<StatusMessage | null>(null);
export const robot = signal<RobotMessage | null>(null);
/** Steady time at which the robot's state came, [s]. */
export const robotAt = signal(-Infinity);
/** Steady time of the last thing heard from the gateway, [s]. */
export const heardAt = signal(steady());
/** Steady time, four times a second: views that show an age read it. */
export const now = signal(steady());

export const counters: Counters = { framesReceived: 0, samplesReceived: {}, gaps: 0, doubles: 0, fps: 0 };

export const linkAge = computed(() => Math.max(0, now.value - heardAt.value));
export const wardNow = computed(() => clock.at(now.value));
export const standingAlarms = computed(() => standing(alarms.value?.alarms ?? []));
export const faults = computed(() => (hello.value === null ? [] : faultsOf(status.value, linkAge.value)));
/** False while the list of alarms is not known to be the present one. */
export const alarmsKnown = computed(() => alarms.value !== null && !faults.value.some(hidesAlarms));
/** False while alarms may be missing from the list: then "no alarms" must not be said. */
export const alarmsComplete = computed(() => alarmsKnown.value && !faults.value.some((fault) => fault.code === 'vitals_not_running'));

/** True for a fault in which the ward can neither tell its alarms nor be told anything. */
export function hidesAlarms(fault: Fault): boolean {
  return fault.code === 'link' || fault.code === 'alarms_not_running';
}
/** True when every bed that sends anything sends simulated data. */
export const allSimulated = computed(() => {
  const origins = beds.value.map((bed) => originOf(bed)).filter((origin) => origin !== null);
  return origins.length > 0 && origins.every((origin) => origin === 'SIMULATED');
});

const LEAST_LIVE: readonly Origin[] = ['SIMULATED', 'RECORDED', 'LIVE'];

/** Origin of what a bed shows: the least live of its waveforms and numbers. */
export function originOf(bed: Bed): Origin | null {
  const origins = [bed.waveOrigin.value, bed.vitals.value?.origin];
  return LEAST_LIVE.find((origin) => origins.includes(origin)) ?? null;
}

export function bedAudio(bed: number): BedAudio | undefined {
  return alarms.value?.beds.find((audio) => audio.bed === bed);
}

export function bedName(bed: number): string {
  return beds.value.find((b) => b.bed === bed)?.name ?? (bed === 0 ? 'Ward' : `Bed ${bed}`);
}

/** Name of a user; the id of one who is not known here. */
export function userName(id: string): string {
  return hello.value?.users.find((u) => u.id === id)?.name ?? id;
}

/** Age of a bed's vital signs, [s]; null when none ever came. Reads the clock signal. */
export function vitalsAge(bed: Bed): number | null {
  return bed.vitalsAsOf === null ? null : Math.max(0, now.value - bed.vitalsAsOf);
}

export function wavesAge(bed: Bed): number | null {
  return bed.wavesAsOf === null ? null : Math.max(0, now.value - bed.wavesAsOf);
}

export function take(message: ServerMessage): void {
  batch(() => {
    heardAt.value = steady();
    switch (message.type) {
      case 'hello':
        return takeHello(message);
      case 'bed':
        return withBed(message.bed, (bed) => (bed.info.value = message));
      case 'vitals':
        return withBed(message.bed, (bed) => takeVitals(bed, message));
      case 'beat':
        return withBed(message.bed, (bed) => (bed.beats.value += 1));
      case 'alarms':
        return takeAlarms(message);
      case 'robot':
        robot.value = message;
        robotAt.value = steady();
        return;
      case 'status':
        clock.note(message.now, steady());
        status.value = message;
    }
  });
}

function takeHello(message: HelloMessage): void {
  clock.note(message.now, steady());
  hello.value = message;
  user.value = message.user;
  const known = beds.value;
  beds.value = [...message.beds]
    .sort((a, b) => a.bed - b.bed)
    .map(({ bed, name }) => known.find((b) => b.bed === bed && b.name === name) ?? newBed(bed, name));
}

function newBed(bed: number, name: string): Bed {
  return {
    bed,
    name,
    info: signal(null),
    vitals: signal(null),
    vitalsAsOf: null,
    waves: new BedWaves(),
    wavesAsOf: null,
    waveOrigin: signal(null),
    channels: signal([]),
    beats: signal(0),
  };
}

function takeVitals(bed: Bed, message: VitalsMessage): void {
  bed.vitals.value = message;
  bed.vitalsAsOf = asOf(steady(), message.t, clock.at(steady()));
}

function takeAlarms(message: AlarmsMessage): void {
  const present = alarms.value;
  // Of one boot of the alarm node, an older list never replaces a newer one.
  if (present !== null && present.boot === message.boot && message.sequence < present.sequence) return;
  alarms.value = message;
}

function withBed(number: number, act: (bed: Bed) => void): void {
  const bed = beds.value.find((b) => b.bed === number);
  if (bed !== undefined) act(bed);
}

export function takeWave(frame: WaveFrame, verdict: Verdict): void {
  heardAtQuietly = steady();
  counters.framesReceived += 1;
  if (verdict === 'double') {
    counters.doubles += 1;
    return;
  }
  if (verdict === 'gap') counters.gaps += 1;
  withBed(frame.bed, (bed) => putWave(bed, frame, verdict === 'gap'));
}

function putWave(bed: Bed, frame: WaveFrame, lost: boolean): void {
  const names = hello.value?.channels ?? [];
  const counts = (counters.samplesReceived[frame.bed] ??= {});
  const fresh = bed.waves.take(frame, names, lost, (name, stored, _lost, doubled) => {
    counts[name] = (counts[name] ?? 0) + stored;
    counters.doubles += doubled;
  });
  if (fresh) bed.channels.value = names.filter((name) => bed.waves.channels.has(name));
  if (bed.waveOrigin.value !== frame.origin) bed.waveOrigin.value = frame.origin;
  bed.wavesAsOf = Math.max(bed.wavesAsOf ?? -Infinity, asOf(heardAtQuietly, endOf(frame), clock.at(heardAtQuietly)));
}

function endOf(frame: WaveFrame): number {
  return frame.channels.reduce((end, c) => Math.max(end, frame.t0 + c.samples.length / c.rateHz), frame.t0);
}

/** Frames come a hundred times a second: the signal is updated with the clock, not with each of them. */
let heardAtQuietly = -Infinity;

/** Move the page's clock on; called four times a second. */
export function tick(): void {
  batch(() => {
    now.value = steady();
    if (heardAtQuietly > heardAt.value) heardAt.value = heardAtQuietly;
  });
}
