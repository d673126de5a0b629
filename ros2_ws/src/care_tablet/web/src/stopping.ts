// SPDX-License-Identifier: Apache-2.0
/** What the page says after STOP: "STOPPED" only when the robot says so. */

import type { RobotMessage } from './protocol';
import { isHeld, robotAge, STALE_AFTER_S, stateWords } from './robot';

/** Without the robot's word after this, the stop counts as not delivered, [s]. */
export const CONFIRM_WITHIN_S = 1;
export const UNREACHABLE = 'STOP cannot reach the robot - press the red button on it';

export interface Press {
  id: string;
  /** Steady time, [s]. */
  at: number;
  /** What became of each way to the gateway; null while that is not known. */
  socket: boolean;
  http: boolean | null;
  /** False when the robot was not heard at the press: then nobody waits for a second. */
  robotHeard: boolean;
  /** When the robot was known to be held, steady time [s]. */
  confirmedAt: number | null;
  /** State in which it was. */
  confirmedState: string;
}

export interface Saying {
  kind: 'none' | 'sending' | 'confirmed' | 'unreachable';
  text: string;
}

const NOTHING: Saying = { kind: 'none', text: '' };

/** State of a robot that is heard now, else null. */
export function freshState(message: RobotMessage | null, since: number): string | null {
  const age = robotAge(message, since);
  return age === null || age > STALE_AFTER_S ? null : (message?.safety?.state ?? null);
}

/** True when the robot has said after the press that it is held. */
export function confirms(press: Press, message: RobotMessage | null, arrivedAt: number): boolean {
  if (message === null || message.age === null || message.safety === null) return false;
  return isHeld(message.safety.state) && arrivedAt - message.age >= press.at;
}

/** What to say. */
export function sayingOf(press: Press | null, message: RobotMessage | null, arrivedAt: number, now: number): Saying {
  const state = freshState(message, now - arrivedAt);
  const reason = message?.safety?.reasons[0] ?? '';
  if (press === null) return state === 'STOPPED' ? { kind: 'confirmed', text: heldWords(state, reason) } : NOTHING;
  if (press.confirmedAt === null) return unconfirmed(press, now);
  if (state === null) return { kind: 'confirmed', text: lastKnown(press, now) };
  return isHeld(state) ? { kind: 'confirmed', text: heldWords(state, reason) } : NOTHING;
}

function unconfirmed(press: Press, now: number): Saying {
  const noPath = !press.socket && press.http === false;
  if (noPath || !press.robotHeard || now - press.at > CONFIRM_WITHIN_S) return { kind: 'unreachable', text: UNREACHABLE };
  return { kind: 'sending', text: 'Stopping...' };
}

function heldWords(state: string, reason: string): string {
  const why = reason === '' ? '' : `. ${reason}`;
  return state === 'STOPPED' ? `STOPPED${why}` : `The robot is held: ${stateWords(state)}${why}`;
}

function lastKnown(press: Press, now: number): string {
  const ago = Math.max(0, Math.floor(now - (press.confirmedAt ?? now)));
  return `${heldWords(press.confirmedState, '')} - confirmed ${ago} s ago, no news of the robot since`;
}
