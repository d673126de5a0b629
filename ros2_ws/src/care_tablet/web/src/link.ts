// SPDX-License-Identifier: Apache-2.0
/** The one WebSocket of this page: connects, resumes, ticks, and carries commands. */

import { steady } from './clock';
import {
  type AckMessage,
  decodeWave,
  parseText,
  PROTOCOL_VERSION,
  ProtocolError,
  type ServerMessage,
  SUBPROTOCOL,
  type WaveFrame,
} from './protocol';
import { backOff, Resume, type Verdict } from './resume';

const TICK_S = 1;
/** A silent socket is given up after this; the gateway speaks at least once a second. */
const SILENCE_S = 4;
const COMMAND_TIMEOUT_S = 4;
const SESSION_ENDED = 4401;

export type Phase = 'connecting' | 'connected' | 'reconnecting';

export interface LinkEvents {
  onPhase(phase: Phase): void;
  onMessage(message: ServerMessage): void;
  onWave(frame: WaveFrame, verdict: Verdict): void;
  onRestart(): void;
  onSessionEnded(): void;
}

export interface SocketLike {
  binaryType: string;
  readyState: number;
  onopen: (() => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  onmessage: ((event: { data: string | ArrayBuffer }) => void) | null;
  send(data: string): void;
  close(): void;
}

export type SocketMaker = () => SocketLike;

interface Waiting {
  settle(ack: AckMessage): void;
  timer: ReturnType<typeof setTimeout>;
}

export class Link {
  readonly resume = new Resume();
  /** Steady time of the last thing heard from the gateway, [s]. */
  heardAt = steady();
  private socket: SocketLike | null = null;
  private attempt = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private waiting = new Map<string, Waiting>();

  constructor(
    private readonly events: LinkEvents,
    private readonly make: SocketMaker = browserSocket,
    private readonly random: () => number = Math.random,
  ) {}

  start(): void {
    setInterval(() => this.tick(), TICK_S * 1000);
    this.connect();
  }

  /** Connect at once: after log-in and log-out, and when the network comes back. */
  reopen(): void {
    this.drop();
    this.connect();
  }

  /** Connect at once unless connected. */
  hurry(): void {
    if (this.socket === null) this.connect();
  }

  command(cmd: string, args: Record<string, unknown>): Promise<AckMessage> {
    const id = newId();
    if (this.socket === null || this.socket.readyState !== 1) {
      return Promise.resolve(refusal(id, 'not_connected', 'Not connected. Nothing was sent.'));
    }
    this.socket.send(JSON.stringify({ type: 'command', id, cmd, args }));
    return new Promise((settle) => {
      const timer = setTimeout(
        () => this.settle(refusal(id, 'no_answer', 'No answer. It is not known whether it was done: check the screen.')),
        COMMAND_TIMEOUT_S * 1000,
      );
      this.waiting.set(id, { settle, timer });
    });
  }

  /** Send a stop at once; false when there is no connection. The answer is the robot's own word. */
  stop(id: string): boolean {
    if (this.socket === null || this.socket.readyState !== 1) return false;
    this.socket.send(JSON.stringify({ type: 'stop', id }));
    return true;
  }

  private connect(): void {
    clearTimeout(this.retry);
    const socket = this.make();
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      this.heardAt = steady();
      socket.send(this.resume.hello(PROTOCOL_VERSION));
    };
    socket.onmessage = (event) => {
      if (this.socket === socket) this.receive(event.data);
    };
    socket.onclose = (event) => {
      if (this.socket === socket) this.lost(event.code);
    };
    this.socket = socket;
    this.openedAt = steady();
  }

  private openedAt = 0;

  private receive(data: string | ArrayBuffer): void {
    this.heardAt = steady();
    try {
      if (typeof data === 'string') this.text(data);
      else this.wave(decodeWave(data));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      console.error(`frame refused: ${error.message}`);
    }
  }

  private text(data: string): void {
    const message = parseText(data);
    if (message === null) return;
    if (message.type === 'ack') this.settle(message);
    if (message.type === 'hello') {
      this.attempt = 0;
      if (this.resume.greet(message.boot)) this.events.onRestart();
      this.events.onPhase('connected');
    }
    this.events.onMessage(message);
  }

  private wave(frame: WaveFrame): void {
    this.events.onWave(frame, this.resume.judge(frame.bed, frame.seq));
  }

  private settle(ack: AckMessage): void {
    const waiting = this.waiting.get(ack.id);
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    this.waiting.delete(ack.id);
    waiting.settle(ack);
  }

  private lost(code: number): void {
    this.socket = null;
    if (code === SESSION_ENDED) this.events.onSessionEnded();
    this.events.onPhase('reconnecting');
    const wait = code === SESSION_ENDED ? 0 : backOff(this.attempt++, this.random());
    this.retry = setTimeout(() => this.connect(), wait * 1000);
  }

  private drop(): void {
    clearTimeout(this.retry);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  private tick(): void {
    const socket = this.socket;
    if (socket === null) return;
    if (steady() - Math.max(this.heardAt, this.openedAt) > SILENCE_S) {
      // A half-open connection never reports its end.
      this.drop();
      this.lost(0);
      return;
    }
    if (socket.readyState === 1) socket.send('{"type":"tick"}');
  }
}

function refusal(id: string, code: string, text: string): AckMessage {
  return { type: 'ack', id, accepted: false, code, text };
}

function browserSocket(): SocketLike {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return new WebSocket(`${scheme}://${location.host}/ws`, SUBPROTOCOL) as unknown as SocketLike;
}

/** A random UUID (version 4); `crypto.randomUUID` is missing on pages served without TLS. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
  return [8, 12, 16, 20].reduce((text, at, i) => `${text.slice(0, at + i)}-${text.slice(at + i)}`, hex);
}
