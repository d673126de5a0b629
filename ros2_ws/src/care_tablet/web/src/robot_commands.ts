// SPDX-License-Identifier: Apache-2.0
/** What a nurse asks of the robot. Nothing here waits: a command is given now, or not at all. */

import { computed, signal } from '@preact/signals';
import { steady } from './clock';
import { clearOutcome, sendCommand, withLogin } from './commands';
import { commandBlock, viewOf } from './robot';
import { clock, linkAge, now, phase, robot, robotAt } from './store';

export type Verb = 'go_to_bed' | 'check_bed' | 'return' | 'at_home';
/** What is asked beside the page before it is done. */
export type Question = { kind: 'task'; verb: Verb; bed: number } | { kind: 'release' };

export const question = signal<Question | null>(null);
export const robotView = computed(() => viewOf(robot.value, now.value - robotAt.value));
/** Why no command can be given now; empty when one can. */
export const blocked = computed(() => commandBlock(robotView.value, phase.value === 'connected', linkAge.value));

/** Ask before the robot moves. After a log-in it asks too: a log-in never moves anything. */
export function ask(verb: Verb, bed = 0): void {
  clearOutcome('robot');
  withLogin(`command the robot: ${questionWords(verb, bed)}`, () => (question.value = { kind: 'task', verb, bed }));
}

export function askRelease(): void {
  clearOutcome('release');
  withLogin('release the stop', () => (question.value = { kind: 'release' }));
}

export function questionWords(verb: Verb, bed: number): string {
  if (verb === 'go_to_bed') return `go to bed ${bed}`;
  if (verb === 'check_bed') return `look at bed ${bed}`;
  return verb === 'return' ? 'return to its place' : 'it stands at home';
}

export async function give(verb: Verb, bed: number): Promise<void> {
  const asked = question.peek();
  const ack = await sendCommand('robot', verb, { ...(bed > 0 ? { bed } : {}), ...pressedAt() });
  if (ack.accepted) answered(asked);
}

export async function release(): Promise<void> {
  const asked = question.peek();
  const ack = await sendCommand('release', 'release_stop', { path_clear: true, ...pressedAt() });
  if (!ack.accepted) return;
  // A refusal from before the release is no news any more.
  clearOutcome('robot');
  answered(asked);
}

/** Close a question, unless another has taken its place meanwhile. */
function answered(asked: Question | null): void {
  if (question.peek() === asked) question.value = null;
}

/** Cancelling needs no question: it only ends motion. */
export function cancelTask(): void {
  withLogin('cancel the task of the robot', () => void sendCommand('robot', 'cancel_task', {}));
}

/** Ward time of the press by this tablet's steady counter: a command stuck on its way expires. */
function pressedAt(): { at?: number } {
  const at = clock.at(steady());
  return at === null ? {} : { at };
}
