// SPDX-License-Identifier: Apache-2.0
import type { JSX } from 'preact';
import { ofBed } from '../alarms';
import { go } from '../route';
import { alarms, type Bed, beds, originOf } from '../store';
import { mainChannel } from '../words';
import { alarmClass, TileAlarm } from './alarms';
import { HeartRate, Notices, SignsInLine } from './numeric';
import { Sweep } from './sweep';

/** All beds of the ward, by number; alarms never change their order. */
export function Ward(): JSX.Element {
  return (
    <main class={`ward beds-${Math.min(8, Math.max(1, beds.value.length))}`}>
      <h1 class="hidden">Ward overview</h1>
      {beds.value.map((bed) => (
        <Tile key={bed.bed} bed={bed} />
      ))}
      {beds.value.length === 0 && <p class="waiting">Waiting for the ward...</p>}
    </main>
  );
}

function Tile({ bed }: { bed: Bed }): JSX.Element {
  const first = ofBed(alarms.value?.alarms ?? [], bed.bed)[0];
  const patient = bed.info.value?.patient ?? null;
  return (
    <article class={`tile ${first === undefined ? '' : alarmClass(first)} ${patient?.state === 'EMPTY' ? 'empty' : ''}`} data-testid={`tile-${bed.bed}`}>
      <header class="tile-head">
        <h2>{bed.name}</h2>
        <PatientWords bed={bed} />
        <OriginBadge bed={bed} />
      </header>
      <div class="tile-body">
        <TileSweep bed={bed} />
        <div class="tile-numbers">
          <HeartRate bed={bed}>
            <SignsInLine bed={bed} />
          </HeartRate>
        </div>
      </div>
      <TileAlarm bed={bed.bed} />
      <Notices bed={bed} />
      <button type="button" class="stretched" aria-label={`Open ${bed.name}`} data-testid={`open-${bed.bed}`} onClick={() => go(`#/bed/${bed.bed}`)} />
    </article>
  );
}

function TileSweep({ bed }: { bed: Bed }): JSX.Element {
  const channel = mainChannel(bed.channels.value);
  if (channel === null) {
    return (
      <div class="sweep">
        <canvas data-testid={`sweep-${bed.bed}`} role="img" aria-label={`No waveform, ${bed.name}`} />
        <p class="cover blank-cover">NO SIGNAL</p>
      </div>
    );
  }
  return <Sweep bed={bed} channel={channel} testId={`sweep-${bed.bed}`} />;
}

export function PatientWords({ bed }: { bed: Bed }): JSX.Element {
  const patient = bed.info.value?.patient ?? null;
  if (patient === null) return <p class="patient">STATE UNKNOWN</p>;
  const category = patient.state === 'EMPTY' || !patient.category ? '' : ` · ${patient.category.toLowerCase()}`;
  const paced = patient.paced === 'YES' ? ' · paced' : '';
  return (
    <p class={`patient state-${patient.state.toLowerCase()}`}>
      <b>{patient.state}</b>
      <span class="category">{category}</span>
      {paced}
    </p>
  );
}

export function OriginBadge({ bed }: { bed: Bed }): JSX.Element {
  const origin = originOf(bed);
  return (
    <p class={`badge origin-${(origin ?? 'none').toLowerCase()}`} data-testid={`origin-${bed.bed}`}>
      {origin ?? 'NO DATA'}
    </p>
  );
}
