// SPDX-License-Identifier: Apache-2.0
/** Faults of the ward's software that this page must show by itself, for the alarm node may be what is gone. */

import type { StatusMessage } from './protocol';
import { BLANK_AFTER_S, freshness } from './freshness';

/** A heartbeat comes five times a second. */
const NODE_SILENT_AFTER_S = 1;
/** The alarm list comes on every change and each second. */
const ALARMS_SILENT_AFTER_S = 3;

export interface Fault {
  code: string;
  text: string;
  advice: string;
  /** Severe ones mean that nobody is told of an emergency. */
  severe: boolean;
}

const NAMES: Record<string, string> = {
  vitals: 'VITALS PROCESSING',
  alarms: 'ALARMS',
  recording: 'RECORDING PLAYBACK',
  patient_simulator: 'PATIENT SIMULATOR',
  supervisor: 'SUPERVISOR',
  control: 'ROBOT CONTROL',
  tasks: 'ROBOT TASKS',
  peripherals: 'ROBOT BOARD',
  vision: 'CAMERA VIEW',
  camera: 'CAMERA',
};
const ADVICE: Record<string, string> = {
  vitals: 'Numbers are not calculated. Watch the patients at the bedside.',
  alarms: 'There will be no alarm. Watch the patients at the bedside.',
  control: 'The robot does not answer. Stop it with the red button on it.',
  tasks: 'The robot takes no commands and stands still.',
  peripherals: 'Drawers, lights and emergency stop of the robot are not known. It stands still.',
  vision: 'There is no camera view.',
  camera: 'There is no camera view.',
};
const NEEDED = ['alarms', 'vitals'];
/** What these complain of is shown with the robot, where it matters. */
const OF_ROBOT = ['control', 'tasks', 'peripherals', 'vision', 'camera'];

export function faultsOf(status: StatusMessage | null, linkAge: number): Fault[] {
  if (freshness(linkAge) === 'lost') return [noLink(linkAge)];
  if (status === null) return [];
  const silent = [...new Set([...NEEDED, ...status.nodes.map((node) => node.node)])].filter((node) => notRunning(status, node));
  return [...silent.map(notRunningFault), ...complaints(status, silent)];
}

function noLink(linkAge: number): Fault {
  return {
    code: 'link',
    text: 'NO LINK TO THE WARD',
    advice: `Nothing received for ${Math.floor(Math.max(linkAge, BLANK_AFTER_S))} s. This tablet will show no alarm. Watch the patients at the bedside.`,
    severe: true,
  };
}

function notRunning(status: StatusMessage, name: string): boolean {
  const node = status.nodes.find((n) => n.node === name);
  if (NEEDED.includes(name)) {
    if (name === 'alarms' && (status.alarms_age === null || status.alarms_age > ALARMS_SILENT_AFTER_S)) return true;
    return node === undefined || node.state !== 'ACTIVE' || node.age === null || node.age > NODE_SILENT_AFTER_S;
  }
  // Other nodes need not exist; those that did must go on.
  return node !== undefined && node.age !== null && (node.state === 'SILENT' || node.age > NODE_SILENT_AFTER_S);
}

function notRunningFault(name: string): Fault {
  return {
    code: `${name}_not_running`,
    text: `${NAMES[name] ?? name.toUpperCase().replaceAll('_', ' ')} NOT RUNNING`,
    advice: ADVICE[name] ?? 'Call the technician.',
    severe: NEEDED.includes(name),
  };
}

function complaints(status: StatusMessage, silent: readonly string[]): Fault[] {
  return status.nodes
    .filter((node) => node.fault !== '' && !silent.includes(node.node) && !OF_ROBOT.includes(node.node))
    .map((node) => ({
      code: `${node.node}_fault`,
      text: `${NAMES[node.node] ?? node.node.toUpperCase().replaceAll('_', ' ')}: FAULT`,
      advice: node.fault,
      severe: false,
    }));
}
