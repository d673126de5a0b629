// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Link, newId, type Phase, type SocketLike } from '../src/link';
import type { Verdict } from '../src/resume';
import { frame } from './frames';

class FakeSocket implements SocketLike {
  binaryType = '';
  readyState = 0;
  onopen: (() => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  onmessage: ((event: { data: string | ArrayBuffer }) => void) | null = null;
  sent: Record<string, unknown>[] = [];

  send(data: string): void {
    this.sent.push(JSON.parse(data));
  }

  close(): void {
    this.readyState = 3;
  }

  open(boot = 'boot-a'): void {
    this.readyState = 1;
    this.onopen!();
    this.receive({ type: 'hello', boot });
  }

  receive(message: object): void {
    this.onmessage!({ data: JSON.stringify(message) });
  }

  wave(seq: number): void {
    this.onmessage!({ data: frame({ bed: 1, seq, t0: 0, channels: [] }) });
  }

  end(code = 1006): void {
    this.readyState = 3;
    this.onclose!({ code });
  }
}

describe('link', () => {
  let sockets: FakeSocket[];
  let phases: Phase[];
  let waves: [number, Verdict][];
  let ended: number;
  let link: Link;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
    [sockets, phases, waves, ended] = [[], [], [], 0];
    link = new Link(
      {
        onPhase: (phase) => phases.push(phase),
        onMessage: () => undefined,
        onWave: (wave, verdict) => waves.push([wave.seq, verdict]),
        onRestart: () => undefined,
        onSessionEnded: () => (ended += 1),
      },
      () => {
        sockets.push(new FakeSocket());
        return sockets.at(-1)!;
      },
      () => 1,
    );
    link.start();
  });

  afterEach(() => vi.useRealTimers());

  it('takes up the stream where it was cut, without loss or doubling', () => {
    sockets[0]!.open();
    [0, 1, 2].forEach((seq) => sockets[0]!.wave(seq));
    sockets[0]!.end();
    vi.advanceTimersByTime(250);
    sockets[1]!.open();
    expect(sockets[1]!.sent[0]).toEqual({ type: 'hello', protocol: 1, boot: 'boot-a', last: { '1': 2 } });
    [2, 3, 4].forEach((seq) => sockets[1]!.wave(seq));
    expect(waves.filter(([, verdict]) => verdict !== 'double').map(([seq]) => seq)).toEqual([0, 1, 2, 3, 4]);
    expect(phases).toEqual(['connected', 'reconnecting', 'connected']);
  });

  it('waits longer after each failure and starts over once it was greeted', () => {
    for (const wait of [250, 500, 1000]) {
      sockets.at(-1)!.end();
      const made = sockets.length;
      vi.advanceTimersByTime(wait - 1);
      expect(sockets.length).toBe(made);
      vi.advanceTimersByTime(1);
      expect(sockets.length).toBe(made + 1);
    }
    sockets.at(-1)!.open();
    sockets.at(-1)!.end();
    vi.advanceTimersByTime(250);
    expect(sockets).toHaveLength(5);
  });

  it('ticks each second and gives up a connection that is silent', () => {
    sockets[0]!.open();
    vi.advanceTimersByTime(3000);
    expect(sockets[0]!.sent.filter((m) => m.type === 'tick')).toHaveLength(3);
    vi.advanceTimersByTime(2250);
    expect(sockets[0]!.readyState).toBe(3);
    expect(sockets).toHaveLength(2);
  });

  it('sends a stop at once, and says when it cannot', () => {
    expect(link.stop('s1')).toBe(false);
    sockets[0]!.open();
    expect(link.stop('s2')).toBe(true);
    expect(sockets[0]!.sent.at(-1)).toEqual({ type: 'stop', id: 's2' });
  });

  it('never gives a command again on a new connection', async () => {
    sockets[0]!.open();
    const given = link.command('go_to_bed', { bed: 3 });
    sockets[0]!.end();
    const refused = await link.command('return', {});
    expect(refused).toMatchObject({ accepted: false, code: 'not_connected' });
    vi.advanceTimersByTime(250);
    sockets[1]!.open();
    vi.advanceTimersByTime(5000);
    expect(await given).toMatchObject({ accepted: false, code: 'no_answer' });
    expect(sockets.slice(1).flatMap((s) => s.sent).filter((m) => m.type === 'command')).toEqual([]);
  });

  it('ignores what a dropped connection still says', () => {
    sockets[0]!.open();
    link.reopen();
    sockets[0]!.wave(9);
    sockets[0]!.end();
    expect(waves).toEqual([]);
    expect(sockets).toHaveLength(2);
  });

  it('refuses a frame that is cut and goes on', () => {
    const complaint = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    sockets[0]!.open();
    sockets[0]!.onmessage!({ data: new ArrayBuffer(3) });
    sockets[0]!.wave(0);
    expect(waves).toEqual([[0, 'next']]);
    expect(complaint).toHaveBeenCalledOnce();
    complaint.mockRestore();
  });

  it('gives the answer to the command that asked', async () => {
    sockets[0]!.open();
    const first = link.command('acknowledge', { alarm_id: 'x' });
    const second = link.command('acknowledge', { alarm_id: 'y' });
    const sent = sockets[0]!.sent.filter((m) => m.type === 'command');
    sockets[0]!.receive({ type: 'ack', id: sent[1]!.id, accepted: false, code: 'unknown_alarm', text: 'Gone.' });
    sockets[0]!.receive({ type: 'ack', id: sent[0]!.id, accepted: true, code: 'ok', text: '' });
    expect((await first).accepted).toBe(true);
    expect((await second).text).toBe('Gone.');
  });

  it('says that a command was not sent or not answered', async () => {
    expect((await link.command('acknowledge', {})).code).toBe('not_connected');
    sockets[0]!.open();
    const waiting = link.command('acknowledge', {});
    vi.advanceTimersByTime(4000);
    expect((await waiting).code).toBe('no_answer');
  });

  it('connects at once, logged out, when the session has ended', () => {
    sockets[0]!.open();
    sockets[0]!.end(4401);
    vi.advanceTimersByTime(0);
    expect(ended).toBe(1);
    expect(sockets).toHaveLength(2);
  });
});

describe('command id', () => {
  it('is a UUID, another one each time', () => {
    const ids = new Set(Array.from({ length: 50 }, newId));
    expect(ids.size).toBe(50);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
