// SPDX-License-Identifier: Apache-2.0
/** Names, units and colours of what is measured: one colour per parameter, for its wave and its number. */

export interface Parameter {
  label: string;
  unit: string;
  /** Class that carries the colour of the number. */
  colourClass: string;
}

const SIGNS: Record<string, Parameter> = {
  heart_rate: { label: 'HR', unit: '/min', colourClass: 'ecg' },
  pulse_rate: { label: 'Pulse', unit: '/min', colourClass: 'pleth' },
  spo2: { label: 'SpO2', unit: '%', colourClass: 'pleth' },
  resp_rate: { label: 'Resp', unit: '/min', colourClass: 'resp' },
  temperature: { label: 'Temp', unit: '°C', colourClass: 'plain' },
};

export function signWords(kind: string): Parameter {
  return SIGNS[kind] ?? { label: kind.replaceAll('_', ' '), unit: '', colourClass: 'plain' };
}

const CHANNELS: Record<string, string> = {
  ecg_ii: 'ECG II',
  ecg_v1: 'ECG V1',
  ecg_v: 'ECG V',
  ecg_v5: 'ECG V5',
  ecg_avr: 'ECG aVR',
  pleth_red: 'Pleth red',
  pleth_ir: 'Pleth',
  resp: 'Resp',
};

export function channelLabel(name: string): string {
  return CHANNELS[name] ?? name.replaceAll('_', ' ');
}

const ECG = '#4dff88';
const PLETH = '#5fe3ff';
const RESP = '#ffe45c';
const OTHER = '#e8eef4';

export function channelColour(name: string): string {
  if (name.startsWith('ecg')) return ECG;
  if (name.startsWith('pleth')) return PLETH;
  return name === 'resp' ? RESP : OTHER;
}

/** Sweep speed, [mm/s]: respiration is slower by a factor of four. */
export function channelSpeed(name: string): number {
  return name === 'resp' ? 6.25 : 25;
}

/** The channel that stands for the bed on its tile: the first ECG lead, else whatever there is. */
export function mainChannel(channels: readonly string[]): string | null {
  return channels.find((name) => name === 'ecg_ii') ?? channels.find((name) => name.startsWith('ecg')) ?? channels[0] ?? null;
}

/** Channels of the bed page in the order in which they are drawn. */
export function drawnChannels(channels: readonly string[]): string[] {
  const rank = (name: string): number => (name.startsWith('ecg') ? 0 : name.startsWith('pleth') ? 1 : 2);
  return [...channels].sort((a, b) => rank(a) - rank(b)).slice(0, 6);
}

export function roleWords(role: string | undefined): string {
  return role === undefined ? '' : role.replaceAll('_', ' ').replace(/^./, (c) => c.toUpperCase());
}
