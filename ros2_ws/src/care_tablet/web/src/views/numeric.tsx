// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren, JSX } from 'preact';
import { numeric, type Numeric } from '../freshness';
import { deviates } from '../limits';
import type { Limit } from '../protocol';
import { type Bed, linkAge, vitalsAge } from '../store';
import { signWords } from '../words';
import { Heart, Warning } from './icons';

function shown(bed: Bed, kind: string): Numeric {
  const vitals = bed.vitals.value;
  return numeric({
    sign: vitals?.signs.find((sign) => sign.kind === kind),
    admission: vitals?.admission_id ?? '',
    age: vitalsAge(bed),
    linkAge: linkAge.value,
    patient: bed.info.value?.patient ?? null,
  });
}

/** The heart rate in large digits, with its limits beside it and its source below; `children` beside its name. */
export function HeartRate({ bed, children }: { bed: Bed; children?: ComponentChildren }): JSX.Element {
  const view = shown(bed, 'heart_rate');
  const sign = bed.vitals.value?.signs.find((s) => s.kind === 'heart_rate');
  return (
    <div class={`numeric ${view.state}`}>
      <p class="numeric-name ecg">
        <Beating bed={bed} live={view.state === 'ok'} /> HR <small>/min</small>
      </p>
      <p class="digits ecg" data-testid={`hr-${bed.bed}`} aria-label={`Heart rate ${view.text === '---' ? 'not available' : view.text}`}>
        {view.text}
      </p>
      {children}
      <LimitsBeside bed={bed} kind="heart_rate" />
      <p class="reason" data-testid={`hr-reason-${bed.bed}`}>
        {view.reason}
      </p>
      {view.reason === '' && sign !== undefined && (
        <p class="method">
          {sign.method} · {sign.source}
        </p>
      )}
    </div>
  );
}

/** Blinks once with each beat; keyed by the count so that the animation starts anew. */
function Beating({ bed, live }: { bed: Bed; live: boolean }): JSX.Element {
  return (
    <span class={live ? 'beating' : 'beating still'} key={bed.beats.value}>
      <Heart />
    </span>
  );
}

function LimitsBeside({ bed, kind }: { bed: Bed; kind: string }): JSX.Element {
  const info = bed.info.value;
  const limit = info?.limits.find((l) => l.kind === kind);
  const changed = limit !== undefined && deviates(limit, info?.defaults.find((l) => l.kind === kind));
  return (
    <p class={changed ? 'limits changed' : 'limits'} data-testid={`limits-${bed.bed}`} aria-label={limitWords(limit, changed)}>
      <span>{limit?.high ?? '--'}</span>
      <span>{limit?.low ?? '--'}</span>
      {changed && <span class="hidden">changed</span>}
    </p>
  );
}

function limitWords(limit: Limit | undefined, changed: boolean): string {
  if (limit === undefined) return 'Alarm limits not known';
  return `Alarm limits: low ${limit.low ?? 'none'}, high ${limit.high ?? 'none'}${changed ? ', changed from default' : ''}`;
}

/** Vital signs besides the heart rate. Those that no device ever sent are left out. */
function otherKinds(bed: Bed): string[] {
  return (bed.vitals.value?.signs ?? []).filter((s) => s.kind !== 'heart_rate' && s.reason !== 'NO_SOURCE').map((s) => s.kind);
}

/** Every other vital sign of the bed, for its page. */
export function OtherSigns({ bed }: { bed: Bed }): JSX.Element {
  return (
    <div class="other-signs">
      {otherKinds(bed).map((kind) => (
        <SmallNumeric key={kind} bed={bed} kind={kind} />
      ))}
    </div>
  );
}

function SmallNumeric({ bed, kind }: { bed: Bed; kind: string }): JSX.Element {
  const view = shown(bed, kind);
  const { label, unit, colourClass } = signWords(kind);
  return (
    <div class={`small-numeric ${view.state}`}>
      <p class={colourClass}>
        {label} <small>{unit}</small>
      </p>
      <p class={`small-digits ${colourClass}`}>{view.text}</p>
      <p class="reason">{view.reason}</p>
    </div>
  );
}

const ON_A_TILE = 2;

/** The first other vital signs in one line, for a tile. */
export function SignsInLine({ bed }: { bed: Bed }): JSX.Element {
  return (
    <p class="signs-in-line">
      {otherKinds(bed)
        .slice(0, ON_A_TILE)
        .map((kind) => (
          <SignInLine key={kind} bed={bed} kind={kind} />
        ))}
    </p>
  );
}

function SignInLine({ bed, kind }: { bed: Bed; kind: string }): JSX.Element {
  const view = shown(bed, kind);
  const { label, colourClass } = signWords(kind);
  return (
    <span class={`sign-in-line ${view.state} ${colourClass}`}>
      {label} <b>{view.text}</b>
    </span>
  );
}

const NO_RHYTHM = 'NO ARRHYTHMIA DETECTION';

/** What this bed does not do, and what was changed: always in sight. */
export function Notices({ bed }: { bed: Bed }): JSX.Element {
  const info = bed.info.value;
  const watch = info?.watch ?? null;
  const notices = [...new Set([NO_RHYTHM, ...(bed.vitals.value?.notices ?? [])])];
  const changed = info?.limits.some((limit) => deviates(limit, info.defaults.find((d) => d.kind === limit.kind))) ?? false;
  return (
    <ul class="notices">
      {info?.restored && (
        <li class="strong">
          <Warning /> Limits restored - check
        </li>
      )}
      {changed && <li class="strong">Limits changed</li>}
      {notices.map((notice) => (
        <li key={notice}>{notice}</li>
      ))}
      {watch?.watched !== true && <li>NOT WATCHED - {watch?.reason || 'no camera'}</li>}
    </ul>
  );
}
