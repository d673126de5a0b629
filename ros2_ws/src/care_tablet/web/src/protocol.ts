// SPDX-License-Identifier: Apache-2.0
/** Messages of the WebSocket protocol `care.v1`. Times are unix seconds by the ward's clock. */

export const SUBPROTOCOL = 'care.v1';
export const PROTOCOL_VERSION = 1;

export type Origin = 'LIVE' | 'RECORDED' | 'SIMULATED';
export type Priority = 'HIGH' | 'MEDIUM' | 'LOW';
export type AlarmState = 'ACTIVE' | 'ACKNOWLEDGED' | 'LATCHED' | 'CLEARED';
export type PatientState = 'EMPTY' | 'ADMITTED' | 'STANDBY' | 'AWAY';

export interface User {
  id: string;
  name: string;
  role?: string;
}

export interface HelloMessage {
  type: 'hello';
  protocol: number;
  version: string;
  boot: string;
  now: number;
  beds: { bed: number; name: string }[];
  channels: string[];
  streams: Record<string, number>;
  user: User | null;
  users: User[];
  audio_note?: string;
  /** Null or missing in a ward without a robot. */
  robot?: { name: string; map: WardMap } | null;
}

/** Lengths in m, angles in rad, map frame. */
export interface WardMap {
  home: [number, number, number] | null;
  beds: Record<string, [number, number, number]>;
  waypoints: Record<string, [number, number]>;
  ways: [string, string][];
}

export interface Limit {
  kind: string;
  unit: string;
  extreme_low: number | null;
  low: number | null;
  high: number | null;
  extreme_high: number | null;
}

export interface Patient {
  state: PatientState;
  admission_id: string;
  category: string;
  paced: string;
}

export interface Watch {
  watched: boolean;
  since: number | null;
  reason: string;
}

export interface BedMessage {
  type: 'bed';
  bed: number;
  patient: Patient | null;
  limits: Limit[];
  defaults: Limit[];
  restored: boolean;
  set_by: string;
  set_at: number | null;
  watch: Watch | null;
}

export interface Sign {
  kind: string;
  value: number | null;
  unit: string;
  quality: number | null;
  reason: string;
  reason_text: string;
  source: string;
  method: string;
  origin: Origin;
  measured_at: number | null;
  confirmed: boolean;
}

export interface VitalsMessage {
  type: 'vitals';
  bed: number;
  t: number;
  origin: Origin;
  admission_id: string;
  signs: Sign[];
  notices: string[];
}

export interface BeatMessage {
  type: 'beat';
  bed: number;
  t: number;
  class: string;
}

export interface Alarm {
  id: string;
  code: string;
  bed: number;
  admission_id: string;
  origin: Origin;
  type: string;
  priority: Priority;
  state: AlarmState;
  onset: number | null;
  announced: number | null;
  cleared: number | null;
  acknowledged_by: string;
  acknowledged_at: number | null;
  value: number | null;
  limit: number | null;
  unit: string;
  suppressed_by: string;
  text: string;
  audio_paused_until: number | null;
}

export interface BedAudio {
  bed: number;
  audio_paused_until: number | null;
  audio_paused_by: string;
  alarms_off: boolean;
  codes_off: string[];
}

export interface AlarmsMessage {
  type: 'alarms';
  boot: string;
  sequence: number;
  alarms: Alarm[];
  beds: BedAudio[];
}

export interface NodeStatus {
  node: string;
  state: string;
  age: number | null;
  fault: string;
}

export interface StatusMessage {
  type: 'status';
  now: number;
  nodes: NodeStatus[];
  alarms_age: number | null;
  vitals_age: Record<string, number | null>;
  waveform_age: Record<string, number | null>;
  clients: number;
}

export interface RobotTask {
  id: string;
  type: string;
  bed: number;
  user: string;
  state: string;
  progress: number | null;
  remaining_s: number | null;
  code: string;
  text: string;
}

export interface Safety {
  state: string;
  reasons: string[];
  watched: { name: string; age: number | null; ok: boolean }[];
  boot: string;
  origin: Origin;
}

export interface RobotMessage {
  type: 'robot';
  present: boolean;
  /** Age of the robot's own word when this was sent, [s]; null for never. */
  age: number | null;
  safety: Safety | null;
  pose: [number, number, number] | null;
  pose_age: number | null;
  position_known: boolean;
  /** 0..1. */
  battery: number | null;
  tasks: RobotTask[];
  tasks_age: number | null;
  estop: { engaged: boolean; readable: boolean; reason: string };
  drawers: { drawer: number; state: string }[];
  locks_enabled: boolean;
  drawers_reason: string;
  lights: { priority: Priority | null } | null;
  camera: { age: number | null; reason: string };
}

export interface AckMessage {
  type: 'ack';
  id: string;
  accepted: boolean;
  code: string;
  text: string;
}

export interface ErrorMessage {
  type: 'error';
  code: string;
  text: string;
}

export type ServerMessage =
  | HelloMessage
  | BedMessage
  | VitalsMessage
  | BeatMessage
  | AlarmsMessage
  | StatusMessage
  | RobotMessage
  | AckMessage
  | ErrorMessage;

const TYPES = new Set(['hello', 'bed', 'vitals', 'beat', 'alarms', 'status', 'robot', 'ack', 'error']);

export class ProtocolError extends Error {}

/** Read a text frame; null for a type this page does not know (a newer gateway may send more). */
export function parseText(text: string): ServerMessage | null {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    throw new ProtocolError('text frame is not JSON');
  }
  if (typeof message !== 'object' || message === null || !('type' in message)) {
    throw new ProtocolError('text frame has no type');
  }
  return TYPES.has(String(message.type)) ? (message as ServerMessage) : null;
}

/** Bits of the frame header. */
export const FRAME_GAP = 1;
export const FRAME_REPLAYED = 2;
export const FRAME_SEAM = 4;

/** Bits of a channel. */
export const CHANNEL_LEAD_OFF = 1;
export const CHANNEL_GAP = 4;
export const CHANNEL_SEAM = 16;

export const MISSING = -32768;
const FRAME_KIND_WAVEFORM = 1;
const HEADER_BYTES = 24;
const CHANNEL_BYTES = 24;
const ORIGINS: readonly Origin[] = ['LIVE', 'RECORDED', 'SIMULATED'];

export interface ChannelChunk {
  code: number;
  flags: number;
  rateHz: number;
  /** Physical units per count. */
  scale: number;
  /** Index of the first sample since the device started; lost samples count. */
  firstIndex: number;
  samples: Int16Array;
}

export interface WaveFrame {
  bed: number;
  flags: number;
  seq: number;
  /** Stamp of the first sample, [s]. */
  t0: number;
  origin: Origin;
  channels: ChannelChunk[];
}

/** Decode a binary frame; throws ProtocolError when it is cut short or of another kind. */
export function decodeWave(buffer: ArrayBuffer): WaveFrame {
  const view = new DataView(buffer);
  if (buffer.byteLength < HEADER_BYTES) throw new ProtocolError('binary frame shorter than its header');
  if (view.getUint8(0) !== FRAME_KIND_WAVEFORM) throw new ProtocolError('unknown kind of binary frame');
  const origin = ORIGINS[view.getUint8(16)];
  if (origin === undefined) throw new ProtocolError('unknown origin of a waveform');
  const channels: ChannelChunk[] = [];
  let at = HEADER_BYTES;
  for (let i = 0; i < view.getUint8(2); i++) {
    const chunk = decodeChannel(view, at);
    channels.push(chunk);
    at += CHANNEL_BYTES + padded(chunk.samples.length * 2);
  }
  return {
    bed: view.getUint8(1),
    flags: view.getUint8(3),
    seq: view.getUint32(4, true),
    t0: view.getFloat64(8, true),
    origin,
    channels,
  };
}

function decodeChannel(view: DataView, at: number): ChannelChunk {
  if (at + CHANNEL_BYTES > view.byteLength) throw new ProtocolError('binary frame is cut in a channel header');
  const count = view.getUint16(at + 2, true);
  if (at + CHANNEL_BYTES + count * 2 > view.byteLength) throw new ProtocolError('binary frame is cut in its samples');
  return {
    code: view.getUint8(at),
    flags: view.getUint8(at + 1),
    rateHz: view.getFloat32(at + 4, true),
    scale: view.getFloat32(at + 8, true),
    firstIndex: Number(view.getBigUint64(at + 16, true)),
    samples: readSamples(view, at + CHANNEL_BYTES, count),
  };
}

function readSamples(view: DataView, at: number, count: number): Int16Array {
  const samples = new Int16Array(count);
  for (let i = 0; i < count; i++) samples[i] = view.getInt16(at + i * 2, true);
  return samples;
}

function padded(bytes: number): number {
  return (bytes + 7) & ~7;
}
