// SPDX-License-Identifier: Apache-2.0
/** Order, marks and words of alarms. */

import type { Alarm, AlarmsMessage, BedAudio, Priority } from './protocol';
import type { Sounding } from './sound';

export const MARKS: Record<Priority, string> = { HIGH: '***', MEDIUM: '**', LOW: '*' };
const RANK: Record<Priority, number> = { HIGH: 3, MEDIUM: 2, LOW: 1 };
/** Alarms of the whole ward carry this bed number. */
export const WARD_BED = 0;

/** Alarms that still ask for something: highest first, then unacknowledged first, then oldest first. */
export function standing(alarms: readonly Alarm[]): Alarm[] {
  return alarms
    .filter((alarm) => alarm.state !== 'CLEARED')
    .sort((a, b) => RANK[b.priority] - RANK[a.priority] || Number(acknowledged(a)) - Number(acknowledged(b)) || (a.onset ?? 0) - (b.onset ?? 0));
}

export function ofBed(alarms: readonly Alarm[], bed: number): Alarm[] {
  return standing(alarms).filter((alarm) => alarm.bed === bed);
}

export function acknowledged(alarm: Alarm): boolean {
  return alarm.state === 'ACKNOWLEDGED';
}

/** True when a person may still acknowledge it. */
export function canAcknowledge(alarm: Alarm): boolean {
  return alarm.state === 'ACTIVE' || alarm.state === 'LATCHED';
}

/** True for a nurse call: a person asks for help, and it ends only where it was pressed. */
export function isCall(alarm: Alarm): boolean {
  return alarm.type === 'NURSE_CALL';
}

/** Alarms for the strip, at most `holds`, in their order: the first, then those that no tile shows, then the others. */
export function stripOf(list: readonly Alarm[], holds: number, tiles: readonly number[]): Alarm[] {
  const hasTile = (alarm: Alarm): boolean => tiles.includes(alarm.bed);
  const rest = list.slice(1);
  const chosen = new Set([...list.slice(0, 1), ...rest.filter((alarm) => !hasTile(alarm)), ...rest.filter(hasTile)].slice(0, holds));
  return list.filter((alarm) => chosen.has(alarm));
}

/** What an alarm says, and why that cannot be confirmed now. */
export function textOf(alarm: Alarm): string {
  return alarm.suppressed_by === '' ? alarm.text : `${alarm.text} (${alarm.suppressed_by})`;
}

/** What has become of an alarm, in words; `nameOf` makes a name of a user id. */
export function stateWords(alarm: Alarm, nameOf: (id: string) => string): string {
  const who = alarm.acknowledged_by ? nameOf(alarm.acknowledged_by) : 'unknown';
  if (alarm.state === 'ACKNOWLEDGED') return isCall(alarm) ? `On the way: ${who}` : `Acknowledged by ${who}`;
  if (alarm.state === 'LATCHED') return 'Has ended - acknowledge to clear';
  if (alarm.state === 'CLEARED') return 'Has ended';
  return isCall(alarm) ? 'Nobody is on the way' : 'Not acknowledged';
}

/** Seconds since the alarm began, by the ward's time; null when either is unknown. */
export function ageOf(alarm: Alarm, wardNow: number | null): number | null {
  const since = alarm.onset ?? alarm.announced;
  return since === null || wardNow === null ? null : wardNow - since;
}

/** Seconds left of a bed's audio pause; 0 when its sound is on. */
export function pauseLeft(audio: BedAudio | undefined, wardNow: number | null): number {
  if (audio === undefined || audio.audio_paused_until === null || wardNow === null) return 0;
  return Math.max(0, audio.audio_paused_until - wardNow);
}

/** Alarms that should be heard: not acknowledged, and not paused themselves (a new one is not). */
export function audible(message: AlarmsMessage | null, wardNow: number | null): Sounding[] {
  return standing(message?.alarms ?? [])
    .filter((alarm) => canAcknowledge(alarm) && !pausedItself(alarm, wardNow))
    .map((alarm) => ({ id: alarm.id, kind: alarm.priority, call: isCall(alarm) }));
}

function pausedItself(alarm: Alarm, wardNow: number | null): boolean {
  return alarm.audio_paused_until !== null && wardNow !== null && alarm.audio_paused_until > wardNow;
}
