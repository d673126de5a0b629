// SPDX-License-Identifier: Apache-2.0
/** What may be said of the robot, by the age of what is known of it. */

import type { RobotMessage, RobotTask } from './protocol';

/** Older than this the robot's state is shown grey, with its age, [s]. */
export const STALE_AFTER_S = 1;
/** Older than this nothing of it is shown, [s]. */
export const BLANK_AFTER_S = 5;
/** Older than this, link or robot, no command is offered, [s]. */
export const COMMANDS_AFTER_S = 2;

const STATE_WORDS: Record<string, string> = {
  INIT: 'Starting',
  INACTIVE: 'Not active',
  READY: 'Ready',
  MOVING: 'Moving',
  LIMITED: 'Moving slowly',
  PROTECTIVE_STOP: 'Waiting',
  STOPPED: 'STOPPED',
  ESTOP: 'EMERGENCY STOP',
  FAULT: 'FAULT',
};
/** Control holds the base until a person releases it. */
const HELD = new Set(['STOPPED', 'ESTOP', 'FAULT']);

export interface RobotView {
  freshness: 'fresh' | 'stale' | 'lost';
  /** Age of the robot's own word, [s]; null when it was never heard. */
  age: number | null;
  state: string | null;
  words: string;
  reason: string;
}

/** Age of what a message says, [s], when it came `since` seconds ago; null for never. */
export function robotAge(message: RobotMessage | null, since: number): number | null {
  return message === null || message.age === null ? null : message.age + Math.max(0, since);
}

export function viewOf(message: RobotMessage | null, since: number): RobotView {
  const age = robotAge(message, since);
  if (age === null) return { freshness: 'lost', age, state: null, words: 'Robot: ---', reason: 'No robot has been heard.' };
  if (age > BLANK_AFTER_S || message?.safety == null) {
    return { freshness: 'lost', age, state: null, words: 'Robot: ---', reason: `No news of the robot for ${Math.floor(age)} s.` };
  }
  const { state, reasons } = message.safety;
  const words = STATE_WORDS[state] ?? state;
  if (age > STALE_AFTER_S) return { freshness: 'stale', age, state, words: `${words}?`, reason: `${age.toFixed(1)} s old` };
  return { freshness: 'fresh', age, state, words, reason: reasonOf(message, state, reasons) };
}

function reasonOf(message: RobotMessage, state: string, reasons: readonly string[]): string {
  const running = runningTask(message);
  if (reasons.length > 0) return reasons.join('. ');
  if (running !== null) return `${taskWords(running)}, ${Math.round((running.progress ?? 0) * 100)} %`;
  if (!message.position_known) return 'Does not know where it stands.';
  return state === 'READY' ? 'Waits for a command.' : '';
}

export function isHeld(state: string | null): boolean {
  return state !== null && HELD.has(state);
}

export function stateWords(state: string): string {
  return STATE_WORDS[state] ?? state;
}

/** Why no command can be given now; empty when one can. */
export function commandBlock(view: RobotView, connected: boolean, linkAge: number): string {
  if (!connected || linkAge > COMMANDS_AFTER_S) return `No link to the ward for ${Math.floor(linkAge)} s.`;
  if (view.age === null) return 'No robot has been heard.';
  return view.age > COMMANDS_AFTER_S ? `No news of the robot for ${Math.floor(view.age)} s.` : '';
}

export function runningTask(message: RobotMessage | null): RobotTask | null {
  return message?.tasks.find((task) => task.state === 'RUNNING' || task.state === 'QUEUED') ?? null;
}

export function lastEnded(message: RobotMessage | null): RobotTask | null {
  return message?.tasks.find((task) => task.state !== 'RUNNING' && task.state !== 'QUEUED') ?? null;
}

/** A task in words, as on its button. */
export function taskWords(task: { type: string; bed: number }): string {
  if (task.type === 'go_to_bed') return `Go to bed ${task.bed}`;
  if (task.type === 'check_bed') return `Look at bed ${task.bed}`;
  if (task.type === 'return') return 'Return';
  return task.type === 'at_home' ? 'Robot is at home' : task.type.replaceAll('_', ' ');
}

const ENDED: Record<string, string> = { SUCCEEDED: 'done', CANCELLED: 'cancelled', FAILED: 'not done', REFUSED: 'refused' };

export function resultWords(task: RobotTask): string {
  return `${taskWords(task)}: ${ENDED[task.state] ?? task.state.toLowerCase()}. ${task.text}`.trim();
}

export function batteryWords(battery: number | null, fresh: boolean): string {
  return battery === null || !fresh ? '--- %' : `${Math.round(battery * 100)} %`;
}

export type Point = readonly [number, number];

export interface Projection {
  width: number;
  height: number;
  /** Pixels per metre. */
  scale: number;
  at(x: number, y: number): Point;
}

/** Fit points in metres into a picture: x to the right, y up, the same scale for both. */
export function fit(points: readonly Point[], width: number, height: number, margin: number): Projection {
  const xs = points.map((p) => p[0]);
  const ys = points.map((p) => p[1]);
  const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = Math.min((width - 2 * margin) / Math.max(right - left, 1), (height - 2 * margin) / Math.max(high - low, 1));
  const [x0, y0] = [width / 2 - (scale * (left + right)) / 2, height / 2 + (scale * (low + high)) / 2];
  return { width, height, scale, at: (x, y) => [x0 + x * scale, y0 - y * scale] };
}
