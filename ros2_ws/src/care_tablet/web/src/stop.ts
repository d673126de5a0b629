// SPDX-License-Identifier: Apache-2.0
/** STOP: on the WebSocket and by POST at once, again until the robot confirms. A replayed stop is safe. */

import { computed, effect, signal } from '@preact/signals';
import { steady } from './clock';
import { link } from './commands';
import { newId } from './link';
import { now, robot, robotAt } from './store';
import { confirms, freshState, type Press, sayingOf } from './stopping';
import { isHeld } from './robot';

const AGAIN_MS = 500;
const GIVE_UP_S = 15;
const POST_TIMEOUT_MS = 2000;

const press = signal<Press | null>(null);
let repeating: ReturnType<typeof setInterval> | undefined;

export const stopSaying = computed(() => sayingOf(press.value, robot.value, robotAt.value, Math.max(now.value, robotAt.value)));

export function pressStop(): void {
  const at = steady();
  const robotHeard = freshState(robot.peek(), at - robotAt.peek()) !== null;
  press.value = { id: newId(), at, socket: false, http: null, robotHeard, confirmedAt: null, confirmedState: '' };
  send();
  clearInterval(repeating);
  repeating = setInterval(sendAgain, AGAIN_MS);
}

export function dismissStop(): void {
  clearInterval(repeating);
  press.value = null;
}

function sendAgain(): void {
  const present = press.peek();
  if (present === null || present.confirmedAt !== null || steady() - present.at > GIVE_UP_S) clearInterval(repeating);
  else send();
}

function send(): void {
  const { id } = press.peek()!;
  const socket = link.stop(id);
  // A stop does not wait for the next try to connect.
  if (!socket) link.hurry();
  change(id, { socket });
  void post(id);
}

async function post(id: string): Promise<void> {
  try {
    const response = await fetch('stop', {
      method: 'POST',
      credentials: 'same-origin',
      keepalive: true,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ id }),
      signal: AbortSignal.timeout(POST_TIMEOUT_MS),
    });
    const body = (await response.json()) as { confirmed?: boolean; state?: string };
    change(id, { http: response.ok });
    if (body.confirmed === true) confirm(id, body.state ?? '');
  } catch {
    change(id, { http: false });
  }
}

function change(id: string, what: Partial<Press>): void {
  const present = press.peek();
  if (present?.id === id) press.value = { ...present, ...what };
}

function confirm(id: string, state: string): void {
  const present = press.peek();
  if (present?.id === id && present.confirmedAt === null) change(id, { confirmedAt: steady(), confirmedState: state });
}

effect(() => {
  const present = press.value;
  if (present === null) return;
  const message = robot.value;
  const arrivedAt = robotAt.value;
  if (present.confirmedAt === null) {
    if (confirms(present, message, arrivedAt)) confirm(present.id, message?.safety?.state ?? '');
    return;
  }
  // Released by a person since: there is nothing to say any more.
  const heardSince = message !== null && message.age !== null && arrivedAt - message.age > present.confirmedAt;
  if (heardSince && !isHeld(message.safety?.state ?? null) && message.safety !== null) dismissStop();
});
