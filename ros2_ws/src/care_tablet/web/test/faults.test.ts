// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { faultsOf } from '../src/faults';
import type { NodeStatus, StatusMessage } from '../src/protocol';

function node(name: string, change: Partial<NodeStatus> = {}): NodeStatus {
  return { node: name, state: 'ACTIVE', age: 0.2, fault: '', ...change };
}

function status(nodes: NodeStatus[], alarmsAge: number | null = 0.5): StatusMessage {
  return { type: 'status', now: 0, nodes, alarms_age: alarmsAge, vitals_age: {}, waveform_age: {}, clients: 1 };
}

const codes = (message: StatusMessage | null, linkAge = 0): string[] => faultsOf(message, linkAge).map((f) => f.code);
const GOOD = [node('alarms'), node('vitals')];

describe('faults', () => {
  it('are none while all runs, and before the first status', () => {
    expect(codes(status(GOOD))).toEqual([]);
    expect(codes(null)).toEqual([]);
  });

  it('name vitals processing that is silent, inactive or missing', () => {
    expect(faultsOf(status([node('alarms'), node('vitals', { state: 'SILENT', age: 1.2 })]), 0)[0]!.text).toBe('VITALS PROCESSING NOT RUNNING');
    expect(codes(status([node('alarms'), node('vitals', { age: 1.1 })]))).toEqual(['vitals_not_running']);
    expect(codes(status([node('alarms'), node('vitals', { state: 'INACTIVE' })]))).toEqual(['vitals_not_running']);
    expect(codes(status([node('alarms'), node('vitals', { state: 'SILENT', age: null })]))).toEqual(['vitals_not_running']);
    expect(codes(status([node('alarms')]))).toEqual(['vitals_not_running']);
  });

  it('name alarms that are gone or send no list', () => {
    expect(codes(status([node('vitals')]))).toEqual(['alarms_not_running']);
    expect(codes(status(GOOD, 3.5))).toEqual(['alarms_not_running']);
    expect(codes(status(GOOD, null))).toEqual(['alarms_not_running']);
    expect(faultsOf(status(GOOD, null), 0)[0]!).toMatchObject({ text: 'ALARMS NOT RUNNING', severe: true });
  });

  it('name another node that went silent, but not one that never was', () => {
    expect(codes(status([...GOOD, node('recording', { state: 'SILENT', age: 3 })]))).toEqual(['recording_not_running']);
    expect(codes(status([...GOOD, node('recording', { state: 'SILENT', age: null })]))).toEqual([]);
    expect(codes(status([...GOOD, node('recording', { state: 'INACTIVE' })]))).toEqual([]);
  });

  it("pass on a node's own complaint", () => {
    expect(faultsOf(status([...GOOD, node('recording', { fault: 'file not found' })]), 0)).toEqual([
      { code: 'recording_fault', text: 'RECORDING PLAYBACK: FAULT', advice: 'file not found', severe: false },
    ]);
  });

  it('say that the link is lost from 5 s on, and nothing that is old by then', () => {
    expect(codes(status([node('alarms')]), 4.9)).toEqual(['vitals_not_running']);
    expect(codes(status([node('alarms')]), 5)).toEqual(['link']);
  });
});
