// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { backOff, Resume } from '../src/resume';

function greeted(): Resume {
  const resume = new Resume();
  resume.greet('boot-a');
  return resume;
}

describe('resume', () => {
  it('says hello without a boot at first and with the last frame of each bed later', () => {
    const resume = new Resume();
    expect(JSON.parse(resume.hello(1))).toEqual({ type: 'hello', protocol: 1, boot: null, last: {} });
    resume.greet('boot-a');
    resume.judge(1, 7);
    resume.judge(2, 40);
    resume.judge(1, 8);
    expect(JSON.parse(resume.hello(1))).toEqual({ type: 'hello', protocol: 1, boot: 'boot-a', last: { '1': 8, '2': 40 } });
  });

  it('takes replayed frames once and joins the live ones without loss or doubling', () => {
    const resume = greeted();
    const sent = [0, 1, 2, 3, /* link lost, frames 3.. replayed */ 3, 4, 5, 6, 7];
    const verdicts = sent.map((seq) => resume.judge(1, seq));
    expect(verdicts).toEqual(['next', 'next', 'next', 'next', 'double', 'next', 'next', 'next', 'next']);
  });

  it('calls frames after missing ones a gap, of that bed only', () => {
    const resume = greeted();
    resume.judge(1, 10);
    resume.judge(2, 10);
    expect(resume.judge(1, 12)).toBe('gap');
    expect(resume.judge(2, 11)).toBe('next');
  });

  it('counts from the beginning after the gateway restarted', () => {
    const resume = greeted();
    resume.judge(1, 500);
    expect(resume.greet('boot-b')).toBe(true);
    expect(JSON.parse(resume.hello(1)).last).toEqual({});
    expect(resume.judge(1, 0)).toBe('next');
  });

  it('keeps its place when the same gateway greets again', () => {
    const resume = greeted();
    resume.judge(1, 500);
    expect(resume.greet('boot-a')).toBe(false);
    expect(resume.judge(1, 500)).toBe('double');
  });
});

describe('back-off', () => {
  it('grows from a quarter of a second to five seconds and no further', () => {
    const waits = [0, 1, 2, 3, 4, 5, 6, 100].map((attempt) => backOff(attempt, 1));
    expect(waits).toEqual([0.25, 0.5, 1, 2, 4, 5, 5, 5]);
  });

  it('spreads tablets, but never below a quarter of a second', () => {
    expect(backOff(5, 0)).toBe(2.5);
    expect(backOff(5, 0.5)).toBe(3.75);
    expect(backOff(0, 0)).toBe(0.25);
  });
});
