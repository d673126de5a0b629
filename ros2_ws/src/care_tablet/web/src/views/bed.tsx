// SPDX-License-Identifier: Apache-2.0
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { go } from '../route';
import { type Bed, beds } from '../store';
import { drawnChannels } from '../words';
import { AudioPause, BedAlarms } from './alarms';
import { Back } from './icons';
import { LimitsEditor } from './limits';
import { HeartRate, Notices, OtherSigns } from './numeric';
import { GoButton } from './robot';
import { Sweep } from './sweep';
import { OriginBadge, PatientWords } from './ward';

/** One bed: all its waveforms, its numbers, its alarms and their limits. */
export function BedPage({ number }: { number: number }): JSX.Element {
  const bed = beds.value.find((b) => b.bed === number);
  const [editing, setEditing] = useState(false);
  return (
    <main class={editing ? 'bed-page editing' : 'bed-page'}>
      <header class="page-head">
        <BackButton />
        <h1>{bed?.name ?? `Bed ${number}`}</h1>
        {bed !== undefined && <PatientWords bed={bed} />}
        {bed !== undefined && <Notices bed={bed} />}
        {bed !== undefined && <OriginBadge bed={bed} />}
      </header>
      {bed === undefined ? (
        <p class="waiting">This ward has no bed {number}.</p>
      ) : (
        <>
          <Sweeps bed={bed} />
          <div class="bed-numbers">
            <HeartRate bed={bed} />
            <OtherSigns bed={bed} />
          </div>
          <section class="bed-alarms" aria-label={`Alarms of ${bed.name}`} tabIndex={0}>
            <BedAlarms bed={bed.bed} />
          </section>
          {editing ? <LimitsEditor bed={bed} onClose={() => setEditing(false)} /> : <Controls bed={bed} onLimits={() => setEditing(true)} />}
        </>
      )}
    </main>
  );
}

export function BackButton(): JSX.Element {
  return (
    <button type="button" class="back" data-testid="back" onClick={() => go('#/')}>
      <Back /> Ward
    </button>
  );
}

function Sweeps({ bed }: { bed: Bed }): JSX.Element {
  const channels = drawnChannels(bed.channels.value);
  return (
    <section class="sweeps" aria-label="Waveforms">
      {channels.length === 0 && <p class="none">NO SIGNAL</p>}
      {channels.map((channel) => (
        <Sweep key={channel} bed={bed} channel={channel} testId={`sweep-${bed.bed}-${channel}`} />
      ))}
    </section>
  );
}

function Controls({ bed, onLimits }: { bed: Bed; onLimits: () => void }): JSX.Element {
  return (
    <div class="bed-buttons">
      <AudioPause bed={bed.bed} />
      <GoButton bed={bed.bed} />
      <button type="button" class="primary" data-testid="limits-open" onClick={onLimits}>
        Alarm limits
      </button>
    </div>
  );
}
