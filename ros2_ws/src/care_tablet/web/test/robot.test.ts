// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Hold } from '../src/hold';
import type { RobotMessage } from '../src/protocol';
import { batteryWords, commandBlock, fit, lastEnded, resultWords, runningTask, viewOf } from '../src/robot';
import { confirms, type Press, sayingOf, UNREACHABLE } from '../src/stopping';
import { parse } from '../src/route';

function robot(change: Partial<RobotMessage> & { state?: string; reasons?: string[] } = {}): RobotMessage {
  const { state = 'READY', reasons = [], ...rest } = change;
  return {
    type: 'robot',
    present: true,
    age: 0.1,
    safety: { state, reasons, watched: [], boot: 'b', origin: 'SIMULATED' },
    pose: [0, 0, 0],
    pose_age: 0,
    position_known: true,
    battery: 0.9,
    tasks: [],
    tasks_age: 0,
    estop: { engaged: false, readable: true, reason: '' },
    drawers: [],
    locks_enabled: true,
    drawers_reason: '',
    lights: null,
    camera: { age: null, reason: '' },
    ...rest,
  };
}

function task(state: string, type = 'go_to_bed', text = ''): RobotMessage['tasks'][number] {
  return { id: 'i', type, bed: 3, user: 'u', state, progress: 0.5, remaining_s: 4, code: '', text };
}

describe('state of the robot', () => {
  it('is shown with its reason while it is fresh', () => {
    const view = viewOf(robot({ state: 'PROTECTIVE_STOP', reasons: ['No sign of life of tasks', 'A drawer is open'] }), 0.5);
    expect(view).toMatchObject({ freshness: 'fresh', words: 'Waiting', reason: 'No sign of life of tasks. A drawer is open' });
  });

  it('is grey with its age after 1 s and gone after 5 s, by both ages together', () => {
    expect(viewOf(robot({ age: 0.6 }), 0.3).freshness).toBe('fresh');
    expect(viewOf(robot({ age: 0.6 }), 0.5)).toMatchObject({ freshness: 'stale', words: 'Ready?', reason: '1.1 s old' });
    expect(viewOf(robot({ age: 4 }), 1.2)).toMatchObject({ freshness: 'lost', state: null, reason: 'No news of the robot for 5 s.' });
  });

  it('is not made up when the robot was never heard', () => {
    expect(viewOf(null, 0)).toMatchObject({ freshness: 'lost', state: null });
    expect(viewOf(robot({ age: null, safety: null }), 0).reason).toBe('No robot has been heard.');
  });

  it('says a constant that it does not know as it is', () => {
    expect(viewOf(robot({ state: 'UNKNOWN_9' }), 0).words).toBe('UNKNOWN_9');
  });

  it('names the running task, else that the place is not known', () => {
    expect(viewOf(robot({ state: 'MOVING', tasks: [task('RUNNING')] }), 0).reason).toBe('Go to bed 3, 50 %');
    expect(viewOf(robot({ position_known: false }), 0).reason).toContain('where it stands');
  });

  it('hides the charge of a robot that is not heard', () => {
    expect([batteryWords(0.894, true), batteryWords(0.894, false), batteryWords(null, true)]).toEqual(['89 %', '--- %', '--- %']);
  });
});

describe('commands', () => {
  it('are offered while link and robot are at most 2 s old', () => {
    const fresh = viewOf(robot(), 0);
    expect(commandBlock(fresh, true, 0.5)).toBe('');
    expect(commandBlock(fresh, true, 2.1)).toBe('No link to the ward for 2 s.');
    expect(commandBlock(fresh, false, 0.5)).toContain('No link');
    expect(commandBlock(viewOf(robot(), 1.8), true, 0)).toBe('');
    expect(commandBlock(viewOf(robot(), 2.1), true, 0)).toBe('No news of the robot for 2 s.');
    expect(commandBlock(viewOf(null, 0), true, 0)).toBe('No robot has been heard.');
  });

  it('have a running task and a last result in plain words', () => {
    const message = robot({ tasks: [task('RUNNING'), task('REFUSED', 'return', 'The robot is busy.'), task('SUCCEEDED')] });
    expect(runningTask(message)?.state).toBe('RUNNING');
    expect(resultWords(lastEnded(message)!)).toBe('Return: refused. The robot is busy.');
    expect(runningTask(robot({ tasks: [task('CANCELLED')] }))).toBeNull();
  });

  it('have a page of their own', () => {
    expect(parse('#/robot')).toEqual({ page: 'robot' });
  });
});

describe('STOP', () => {
  const pressed: Press = { id: 'i', at: 100, socket: true, http: null, robotHeard: true, confirmedAt: null, confirmedState: '' };

  it('is "STOPPED" only when the robot says so after the press', () => {
    const stopped = robot({ state: 'STOPPED', reasons: ['Stopped at tablet'] });
    expect(confirms(pressed, stopped, 100.05)).toBe(false); // said 0.05 s before the press
    expect(confirms(pressed, stopped, 100.15)).toBe(true);
    expect(confirms(pressed, robot({ state: 'MOVING' }), 100.5)).toBe(false);
    expect(sayingOf(pressed, robot({ state: 'MOVING' }), 100.5, 100.6)).toEqual({ kind: 'sending', text: 'Stopping...' });
    const confirmed = { ...pressed, confirmedAt: 100.2, confirmedState: 'STOPPED' };
    expect(sayingOf(confirmed, stopped, 100.2, 100.3)).toEqual({ kind: 'confirmed', text: 'STOPPED. Stopped at tablet' });
  });

  it('without confirmation in 1 s points to the red button', () => {
    expect(sayingOf(pressed, robot({ state: 'MOVING' }), 100.9, 100.99).kind).toBe('sending');
    expect(sayingOf(pressed, robot({ state: 'MOVING' }), 100.9, 101.1)).toEqual({ kind: 'unreachable', text: UNREACHABLE });
    expect(UNREACHABLE).toBe('STOP cannot reach the robot - press the red button on it');
  });

  it('points there at once when there is no way or the robot is not heard', () => {
    expect(sayingOf({ ...pressed, socket: false }, null, -Infinity, 100.1).kind).toBe('sending');
    expect(sayingOf({ ...pressed, socket: false, http: false }, null, -Infinity, 100.1).kind).toBe('unreachable');
    expect(sayingOf({ ...pressed, socket: false, http: true }, null, -Infinity, 100.1).kind).toBe('sending');
    expect(sayingOf({ ...pressed, robotHeard: false }, null, -Infinity, 100.1).kind).toBe('unreachable');
  });

  it('says how old its confirmation is when the robot falls silent', () => {
    const confirmed = { ...pressed, confirmedAt: 100.2, confirmedState: 'STOPPED' };
    expect(sayingOf(confirmed, robot({ state: 'STOPPED' }), 100.2, 104.3).text).toBe('STOPPED - confirmed 4 s ago, no news of the robot since');
    expect(sayingOf(confirmed, null, -Infinity, 100).text).toContain('confirmed 0 s ago');
  });

  it('does not call an emergency stop its own', () => {
    const confirmed = { ...pressed, confirmedAt: 100.2, confirmedState: 'ESTOP' };
    const saying = sayingOf(confirmed, robot({ state: 'ESTOP', reasons: ['Emergency stop is pressed'] }), 100.2, 100.3);
    expect(saying.text).toBe('The robot is held: EMERGENCY STOP. Emergency stop is pressed');
  });

  it('pressed elsewhere is said here too, and no longer after its release', () => {
    expect(sayingOf(null, robot({ state: 'STOPPED' }), 100, 100.1).kind).toBe('confirmed');
    expect(sayingOf(null, robot({ state: 'STOPPED' }), 100, 103).kind).toBe('none');
    expect(sayingOf(null, robot(), 100, 100.1).kind).toBe('none');
    expect(sayingOf({ ...pressed, confirmedAt: 100.2 }, robot(), 105, 105.1).kind).toBe('none');
  });
});

describe('a button to hold', () => {
  let done: number;
  let held: boolean;
  let hold: Hold;

  beforeEach(() => {
    vi.useFakeTimers();
    [done, held] = [0, false];
    hold = new Hold(() => (done += 1), (h) => (held = h));
  });

  afterEach(() => vi.useRealTimers());

  it('acts once after 0.8 s', () => {
    hold.down();
    vi.advanceTimersByTime(799);
    expect([done, held]).toEqual([0, true]);
    vi.advanceTimersByTime(1000);
    expect([done, held]).toEqual([1, false]);
  });

  it('does nothing when let go early, however often', () => {
    for (let i = 0; i < 5; i++) {
      hold.down();
      vi.advanceTimersByTime(500);
      hold.up();
      vi.advanceTimersByTime(500);
    }
    expect([done, held]).toEqual([0, false]);
  });

  it('counts from the first touch while held', () => {
    hold.down();
    vi.advanceTimersByTime(500);
    hold.down();
    vi.advanceTimersByTime(300);
    expect(done).toBe(1);
  });
});

describe('map', () => {
  it('keeps the shape, with y up', () => {
    const to = fit([[0, -2], [5, 2]], 640, 350, 70);
    expect(to.scale).toBeCloseTo(52.5);
    const [left, low] = to.at(0, -2);
    const [right, high] = to.at(5, 2);
    expect(right - left).toBeCloseTo(5 * to.scale);
    expect([low, high]).toEqual([280, 70]);
    expect((left + right) / 2).toBeCloseTo(320);
  });

  it('of a single place is finite', () => {
    expect(fit([[1, 1]], 640, 350, 70).at(1, 1)).toEqual([320, 175]);
  });
});
