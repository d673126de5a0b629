// SPDX-License-Identifier: Apache-2.0
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { MARKS } from '../alarms';
import { outcomes, reportSoundTest } from '../commands';
import type { Priority } from '../protocol';
import { play, speakerState, wakeSpeaker } from '../speaker';
import { BackButton } from './bed';
import { Bell, BellOff } from './icons';

const PRIORITIES: readonly Priority[] = ['HIGH', 'MEDIUM', 'LOW'];
const WORDS: Record<Priority, string> = { HIGH: 'High: ten pulses', MEDIUM: 'Medium: three pulses', LOW: 'Low: two pulses' };

/** Try the sound of each priority, and record whether it was heard. */
export function SoundPage(): JSX.Element {
  return (
    <main class="sound-page">
      <header class="page-head">
        <BackButton />
        <h1>Sound test</h1>
        <p>
          {speakerState.value === 'on' ? <Bell /> : <BellOff />} {speakerState.value === 'on' ? 'Sound is on' : 'Sound is off'}
        </p>
      </header>
      <p class="advice">
        <b>A tablet with a browser is not a primary alarm system.</b> Its sound can be off, too quiet or out of hearing. Do not rely on it alone.
      </p>
      {PRIORITIES.map((priority) => (
        <Test key={priority} priority={priority} />
      ))}
    </main>
  );
}

function Test({ priority }: { priority: Priority }): JSX.Element {
  const [played, setPlayed] = useState(false);
  const outcome = outcomes.value[`sound:${priority}`];
  const start = (): void => {
    wakeSpeaker();
    setPlayed(play(priority));
  };
  return (
    <section class="sound-test" aria-label={`${WORDS[priority]}`}>
      <h2>
        <b>{MARKS[priority]}</b> {WORDS[priority]}
      </h2>
      <button type="button" class="primary" data-testid={`sound-play-${priority.toLowerCase()}`} onClick={start}>
        Play
      </button>
      <button type="button" class="primary" disabled={!played} onClick={() => reportSoundTest(priority, true)}>
        I heard it
      </button>
      <button type="button" class="primary" disabled={!played} onClick={() => reportSoundTest(priority, false)}>
        I did not hear it
      </button>
      <p role="status">{outcome === undefined ? '' : outcome.accepted ? `Recorded. ${outcome.text}` : outcome.text}</p>
    </section>
  );
}
