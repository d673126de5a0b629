// SPDX-License-Identifier: Apache-2.0
/** Commands of a person: each needs a log-in, and says in words what became of it. */

import { signal } from '@preact/signals';
import { Link } from './link';
import type { AckMessage, Alarm, Limit, Priority } from './protocol';
import { bedName, hello, phase, take, takeWave, user } from './store';

/** What the log-in is for, and what to do after it. */
export interface LoginRequest {
  why: string;
  then: (() => void) | null;
}

export const loginRequest = signal<LoginRequest | null>(null);
export const link = new Link({
  onPhase: (p) => (phase.value = p),
  onMessage: take,
  onWave: takeWave,
  onRestart: () => undefined,
  onSessionEnded: () => (user.value = null),
});

export interface Outcome {
  accepted: boolean;
  text: string;
}

/** Last outcome by what it was about, for showing beside the button. */
export const outcomes = signal<Record<string, Outcome>>({});

export function acknowledge(alarm: Alarm): void {
  const words = `acknowledge ${bedName(alarm.bed)}: ${alarm.text}`;
  withLogin(words, () => void sendCommand(`alarm:${alarm.id}`, 'acknowledge', { alarm_id: alarm.id }));
}

export function pauseAudio(bed: number, seconds: number): void {
  const words = seconds > 0 ? `pause the alarm sound of ${bedName(bed)}` : `switch the alarm sound of ${bedName(bed)} on`;
  withLogin(words, () => void sendCommand(`audio:${bed}`, 'pause_audio', { bed, seconds }));
}

export function setLimits(bed: number, admissionId: string, limit: Limit): void {
  const { kind, extreme_low, low, high, extreme_high } = limit;
  const limits = [{ kind, extreme_low, low, high, extreme_high }];
  withLogin(`change the alarm limits of ${bedName(bed)}`, () => void sendCommand(`limits:${bed}`, 'set_limits', { bed, admission_id: admissionId, limits }));
}

export function reportSoundTest(priority: Priority, heard: boolean): void {
  withLogin('record the sound test', () => void sendCommand(`sound:${priority}`, 'sound_test', { priority, heard }));
}

export function withLogin(why: string, act: () => void): void {
  if (user.peek() === null) loginRequest.value = { why, then: act };
  else act();
}

export async function sendCommand(about: string, cmd: string, args: Record<string, unknown>): Promise<AckMessage> {
  clearOutcome(about);
  const ack = await link.command(cmd, args);
  if (ack.code === 'not_logged_in' || ack.code === 'login_required') user.value = null;
  outcomes.value = { ...outcomes.value, [about]: { accepted: ack.accepted, text: inWords(ack) } };
  return ack;
}

export function clearOutcome(about: string): void {
  const { [about]: _, ...rest } = outcomes.value;
  outcomes.value = rest;
}

function inWords(ack: AckMessage): string {
  if (ack.text !== '') return ack.text;
  return ack.accepted ? 'Done.' : `Refused (${ack.code}).`;
}

export type LoginResult =
  | { kind: 'in' }
  | { kind: 'wrong'; triesLeft: number | null }
  | { kind: 'locked'; seconds: number }
  | { kind: 'failed'; text: string };

export async function logIn(id: string, pin: string): Promise<LoginResult> {
  let response: Response;
  try {
    response = await post('api/login', { user: id, pin });
  } catch {
    return { kind: 'failed', text: 'No answer from the ward. Try again.' };
  }
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (response.ok) return accepted(id, body);
  if (response.status === 401) return { kind: 'wrong', triesLeft: numberOrNull(body.tries_left) };
  if (response.status === 423) return { kind: 'locked', seconds: numberOrNull(body.seconds) ?? 60 };
  return { kind: 'failed', text: String(body.text ?? `Log-in is not possible now (${response.status}).`) };
}

function accepted(id: string, body: Record<string, unknown>): LoginResult {
  const given = typeof body.user === 'object' && body.user !== null ? (body.user as { id: string; name: string; role?: string }) : null;
  user.value = given ?? hello.value?.users.find((u) => u.id === id) ?? { id, name: id };
  reconnectThen(loginRequest.peek()?.then ?? null);
  loginRequest.value = null;
  return { kind: 'in' };
}

/** Open the socket anew so that it carries the session, then do what the log-in was for. */
function reconnectThen(act: (() => void) | null): void {
  const before = hello.peek();
  link.reopen();
  if (act === null) return;
  const stop = hello.subscribe((message) => {
    if (message === before) return;
    queueMicrotask(() => {
      stop();
      if (user.peek() !== null) act();
    });
  });
}

export async function logOut(): Promise<void> {
  user.value = null;
  await post('api/logout', {}).catch(() => undefined);
  link.reopen();
}

function post(path: string, body: unknown): Promise<Response> {
  return fetch(path, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
