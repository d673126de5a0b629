// SPDX-License-Identifier: Apache-2.0
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { clearOutcome, outcomes, setLimits } from '../commands';
import { allowed, type Bound, BOUND_NAMES, BOUNDS, deviates, problem, settable, stepped } from '../limits';
import type { Limit } from '../protocol';
import { type Bed, user, userName } from '../store';
import { signWords } from '../words';

/** Steppers for the alarm limits of the heart rate. */
export function LimitsEditor({ bed, onClose }: { bed: Bed; onClose: () => void }): JSX.Element {
  const info = bed.info.value;
  const kept = info?.limits.find((limit) => settable(limit.kind) !== null);
  const [draft, setDraft] = useState<Limit | null>(null);
  const about = `limits:${bed.bed}`;
  const close = (): void => {
    clearOutcome(about);
    onClose();
  };
  if (info === null || kept === undefined) return <NothingToSet onClose={close} />;
  const limit = draft ?? kept;
  const standard = info.defaults.find((d) => d.kind === kept.kind);
  const edit = (next: Limit): void => {
    clearOutcome(about);
    setDraft(next);
  };
  const save = (): void => setLimits(bed.bed, info.patient?.admission_id ?? '', limit);
  return (
    <section class="limits-editor" aria-labelledby="limits-title">
      <h2 id="limits-title">
        Alarm limits: {signWords(kept.kind).label} <small>{signWords(kept.kind).unit}</small>
      </h2>
      {[...BOUNDS].reverse().map((bound) => (
        <Stepper key={bound} limit={limit} bound={bound} standard={standard} onChange={edit} />
      ))}
      {info.set_by !== '' && <p class="set-by">Last set by {userName(info.set_by)}</p>}
      <Message about={about} limit={limit} dirty={deviates(limit, kept)} />
      <div class="limits-buttons">
        <button type="button" data-testid="limits-close" onClick={close}>
          Close
        </button>
        <button type="button" disabled={standard === undefined} onClick={() => standard !== undefined && edit({ ...limit, ...standard })}>
          Defaults
        </button>
        <button type="button" class="primary" data-testid="limits-save" disabled={problem(limit) !== null} onClick={save}>
          Save limits
        </button>
      </div>
    </section>
  );
}

function NothingToSet({ onClose }: { onClose: () => void }): JSX.Element {
  return (
    <section class="limits-editor">
      <h2>Alarm limits</h2>
      <p data-testid="limits-message">The limits of this bed are not known: the alarm node has not sent them.</p>
      <div class="limits-buttons">
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </section>
  );
}

interface StepperProps {
  limit: Limit;
  bound: Bound;
  standard: Limit | undefined;
  onChange: (limit: Limit) => void;
}

function Stepper({ limit, bound, standard, onChange }: StepperProps): JSX.Element {
  const { min, max } = allowed(limit, bound);
  const value = limit[bound];
  const name = BOUND_NAMES[bound];
  const id = bound.replace('_', '-');
  const changed = standard !== undefined && value !== standard[bound];
  return (
    <div class="stepper" role="group" aria-label={`${name} limit`}>
      <p class="stepper-name">
        <b>{name}</b>
        <small>
          {bound.startsWith('extreme') ? '***' : '**'} {min} to {max}
        </small>
      </p>
      <button type="button" data-testid={`limit-${id}-minus`} aria-label={`${name} limit down`} disabled={value === null || value <= min} onClick={() => onChange(stepped(limit, bound, -1))}>
        −
      </button>
      <output class={changed ? 'changed' : ''} data-testid={`limit-${id}-value`}>
        {value ?? 'none'}
      </output>
      <button type="button" data-testid={`limit-${id}-plus`} aria-label={`${name} limit up`} disabled={value === null || value >= max} onClick={() => onChange(stepped(limit, bound, 1))}>
        +
      </button>
      <p class="stepper-default">
        <small>Default</small> {standard?.[bound] ?? '--'}
      </p>
    </div>
  );
}

function Message({ about, limit, dirty }: { about: string; limit: Limit; dirty: boolean }): JSX.Element {
  const outcome = outcomes.value[about];
  const wrong = problem(limit);
  let text = dirty ? 'Not saved yet.' : '';
  if (wrong !== null) text = wrong;
  else if (outcome !== undefined) text = outcome.accepted ? `Saved. ${outcome.text === 'Done.' ? '' : outcome.text}` : `Not saved: ${outcome.text}`;
  else if (dirty && user.value !== null && user.value.role !== 'charge_nurse') text = 'Only a charge nurse can change limits.';
  return (
    <p class={outcome?.accepted === false || wrong !== null ? 'message refused' : 'message'} data-testid="limits-message" role="status">
      {text}
    </p>
  );
}
