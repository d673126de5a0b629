// SPDX-License-Identifier: Apache-2.0
/** Alarm limits: what may be set, in plain words. The ward's alarm node has the last word. */

import type { Limit } from './protocol';

export type Bound = 'extreme_low' | 'low' | 'high' | 'extreme_high';

/** From the lowest to the highest. */
export const BOUNDS: readonly Bound[] = ['extreme_low', 'low', 'high', 'extreme_high'];

export const BOUND_NAMES: Record<Bound, string> = {
  extreme_low: 'Extreme low',
  low: 'Low',
  high: 'High',
  extreme_high: 'Extreme high',
};

interface Settable {
  min: number;
  max: number;
  step: number;
}

/** Limits that can be set, by kind of vital sign. */
const SETTABLE: Record<string, Settable> = { heart_rate: { min: 15, max: 300, step: 5 } };

export function settable(kind: string): Settable | null {
  return SETTABLE[kind] ?? null;
}

/** Smallest and largest value that a bound may take between its neighbours. */
export function allowed(limit: Limit, bound: Bound): { min: number; max: number } {
  const { min, max } = SETTABLE[limit.kind] ?? { min: -Infinity, max: Infinity };
  const at = BOUNDS.indexOf(bound);
  const below = neighbour(limit, BOUNDS.slice(0, at).reverse());
  const above = neighbour(limit, BOUNDS.slice(at + 1));
  return { min: below === null ? min : below + 1, max: above === null ? max : above - 1 };
}

function neighbour(limit: Limit, bounds: readonly Bound[]): number | null {
  for (const bound of bounds) {
    if (limit[bound] !== null) return limit[bound];
  }
  return null;
}

/** The limit with one bound moved by `steps` steps, held inside what is allowed; to round numbers. */
export function stepped(limit: Limit, bound: Bound, steps: number): Limit {
  const value = limit[bound];
  const rule = SETTABLE[limit.kind];
  if (value === null || rule === undefined) return limit;
  const { min, max } = allowed(limit, bound);
  const onGrid = (steps > 0 ? Math.floor(value / rule.step) : Math.ceil(value / rule.step)) * rule.step;
  const wanted = onGrid + steps * rule.step;
  return { ...limit, [bound]: Math.min(max, Math.max(min, wanted)) };
}

/** Why the limits cannot be set, or null when they can. */
export function problem(limit: Limit): string | null {
  const rule = SETTABLE[limit.kind];
  if (rule === undefined) return 'This limit cannot be changed here.';
  for (const bound of BOUNDS) {
    const value = limit[bound];
    if (value !== null && (value < rule.min || value > rule.max)) {
      return `${BOUND_NAMES[bound]} must be between ${rule.min} and ${rule.max}.`;
    }
  }
  return orderProblem(limit);
}

function orderProblem(limit: Limit): string | null {
  const set = BOUNDS.filter((bound) => limit[bound] !== null);
  for (let i = 1; i < set.length; i++) {
    const lower = set[i - 1]!;
    const upper = set[i]!;
    if (!(limit[lower]! < limit[upper]!)) {
      return `${BOUND_NAMES[lower]} must be lower than ${BOUND_NAMES[upper].toLowerCase()}.`;
    }
  }
  return null;
}

/** True when a limit differs from the default of the patient's profile. */
export function deviates(limit: Limit, standard: Limit | undefined): boolean {
  return standard !== undefined && BOUNDS.some((bound) => limit[bound] !== standard[bound]);
}
