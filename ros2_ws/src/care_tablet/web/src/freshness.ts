// SPDX-License-Identifier: Apache-2.0
/** What may be shown of a number, by its age: a number that is not trustworthy is not shown. */

import type { Patient, Sign } from './protocol';

export const HATCHED_AFTER_S = 2;
export const BLANK_AFTER_S = 5;
/** Transport and the two clocks account for this much; older is old data. */
const DELIVERY_S = 1;

export type Freshness = 'fresh' | 'stale' | 'lost';

export function freshness(ageS: number): Freshness {
  if (ageS >= BLANK_AFTER_S) return 'lost';
  return ageS >= HATCHED_AFTER_S ? 'stale' : 'fresh';
}

/**
 * Steady time that a datum is as of: its arrival, less its age on arrival by the ward's clock. A snapshot
 * sent on connection and a replay are old on arrival; what merely took its time is not.
 */
export function asOf(arrival: number, stamp: number, wardNow: number | null): number {
  if (wardNow === null) return arrival;
  const age = wardNow - stamp;
  return age > DELIVERY_S ? arrival - age : arrival;
}

export const BLANK = '---';

export interface Numeric {
  text: string;
  state: 'ok' | 'stale' | 'blank';
  /** Why it is blank or hatched; empty when it is neither. */
  reason: string;
}

const REASONS: Record<string, string> = {
  NO_SOURCE: 'No sensor',
  SETTLING: 'Measuring...',
  LEADS_OFF: 'Electrode off',
  NOISE: 'Signal too poor',
  ASYSTOLE: 'No heart beat found',
  STALE: 'No new data',
  FIBRILLATION: 'Fibrillation',
  EXPIRED: 'Too old',
  OUT_OF_RANGE: 'Out of range',
  NO_BEATS: 'No beats found',
};

export interface NumericInput {
  sign: Sign | undefined;
  /** Admission that the sign belongs to. */
  admission: string;
  /** Age of the vital signs, [s]; null when none ever came. */
  age: number | null;
  /** Time since the gateway was heard, [s]. */
  linkAge: number;
  patient: Patient | null;
}

/** What to show for one vital sign. */
export function numeric({ sign, admission, age, linkAge, patient }: NumericInput): Numeric {
  if (patient?.state === 'EMPTY') return blank('No patient admitted');
  if (freshness(linkAge) === 'lost') return blank('No link to the ward');
  if (sign === undefined || age === null) return blank('No data yet');
  if (patient !== null && patient.admission_id !== admission) return blank('Waiting for data of this patient');
  if (freshness(age) === 'lost') return blank(`No new data for ${Math.floor(age)} s`);
  if (sign.value === null) return blank(sign.reason_text || REASONS[sign.reason] || 'Not available');
  const stale = freshness(Math.max(age, linkAge)) === 'stale';
  return {
    text: String(Math.round(sign.value)),
    state: stale ? 'stale' : 'ok',
    reason: stale ? `${Math.floor(Math.max(age, linkAge))} s old` : '',
  };
}

function blank(reason: string): Numeric {
  return { text: BLANK, state: 'blank', reason };
}
