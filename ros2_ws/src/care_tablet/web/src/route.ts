// SPDX-License-Identifier: Apache-2.0
/** Which page is shown: kept in the address, so that the browser's back button works. */

import { signal } from '@preact/signals';

export type Route = { page: 'ward' } | { page: 'bed'; bed: number } | { page: 'alarms' } | { page: 'sound' } | { page: 'robot' };

export const route = signal<Route>(parse(typeof location === 'undefined' ? '' : location.hash));

export function parse(hash: string): Route {
  const bed = /^#\/bed\/(\d{1,3})$/.exec(hash);
  if (bed !== null) return { page: 'bed', bed: Number(bed[1]) };
  if (hash === '#/alarms') return { page: 'alarms' };
  if (hash === '#/robot') return { page: 'robot' };
  return hash === '#/sound' ? { page: 'sound' } : { page: 'ward' };
}

export function go(hash: string): void {
  location.hash = hash;
}

export function watchAddress(): void {
  window.addEventListener('hashchange', () => (route.value = parse(location.hash)));
}
