// SPDX-License-Identifier: Apache-2.0
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { localPauseLeft, localPauseOffered, pauseHere, sounding } from '../alerting';
import { duration, timeOfDay } from '../clock';
import { loginRequest, logOut } from '../commands';
import { freshness } from '../freshness';
import { go } from '../route';
import { speakerState, wakeSpeaker } from '../speaker';
import { allSimulated, faults, hello, linkAge, phase, user, wardNow } from '../store';
import { roleWords } from '../words';
import { Bell, BellOff, LinkDown, LinkUp, Person, Warning } from './icons';

/** Clock, link, sound and user: on every page. */
export function TopBar(): JSX.Element {
  return (
    <header class="top">
      <p class="clock" data-testid="clock" aria-label="Ward time">
        {wardNow.value === null ? '--:--:--' : timeOfDay(wardNow.value)}
      </p>
      <LinkState />
      {allSimulated.value && <p class="badge origin-simulated">SIMULATED DATA</p>}
      <span class="filler" />
      <SoundState />
      <UserChip />
    </header>
  );
}

function LinkState(): JSX.Element {
  const age = linkAge.value;
  const good = phase.value === 'connected' && freshness(age) === 'fresh';
  return (
    <p class={good ? 'link' : 'link bad'} data-testid="link" role="status">
      {good ? <LinkUp /> : <LinkDown />} {linkWords(age, good)}
    </p>
  );
}

function linkWords(age: number, good: boolean): string {
  if (good) return 'Connected';
  if (hello.value === null) return 'Connecting...';
  if (freshness(age) === 'lost') return `Offline ${duration(age)}`;
  return `Reconnecting ${Math.floor(age)} s`;
}

function SoundState(): JSX.Element {
  const wasOn = useRef(false);
  const on = speakerState.value === 'on';
  return (
    <button
      type="button"
      class={on ? 'sound' : 'sound off'}
      data-testid="sound-state"
      onPointerDown={() => (wasOn.current = speakerState.peek() === 'on')}
      onClick={(event) => {
        // The touch that switches sound on does nothing else; a key press has no pointer before it.
        if (on && (wasOn.current || event.detail === 0)) go('#/sound');
        else wakeSpeaker();
      }}
    >
      {on ? <Bell /> : <BellOff />} {on ? 'Sound on' : 'Sound off - touch'}
    </button>
  );
}

function UserChip(): JSX.Element {
  const who = user.value;
  return (
    <div class="user-area">
      <p class="chip" data-testid="user-chip">
        <Person />
        <span>
          {who === null ? 'Not logged in' : who.name}
          {who?.role !== undefined && <small>{roleWords(who.role)}</small>}
        </span>
      </p>
      {who === null ? (
        <button type="button" data-testid="login-open" onClick={() => (loginRequest.value = { why: '', then: null })}>
          Log in
        </button>
      ) : (
        <button type="button" data-testid="logout" onClick={() => void logOut()}>
          Log out
        </button>
      )}
    </div>
  );
}

/** Faults that mean that the page cannot be relied on. */
export function Banner(): JSX.Element | null {
  const all = faults.value;
  if (all.length === 0) return null;
  const severe = all.some((fault) => fault.severe);
  return (
    <div class={severe ? 'banner severe' : 'banner'} data-testid="banner" role="alert">
      <Warning />
      <div>
        {all.map((fault) => (
          <p key={fault.code}>
            <b>{fault.text}</b> <span>{fault.advice}</span>
          </p>
        ))}
      </div>
      {localPauseOffered.value && <LocalPause />}
    </div>
  );
}

function LocalPause(): JSX.Element | null {
  const left = localPauseLeft.value;
  if (left > 0) return <p class="local-pause">Sound paused here {duration(Math.ceil(left))}</p>;
  if (speakerState.value !== 'on' || sounding.value.length === 0) return null;
  return (
    <button type="button" onClick={pauseHere}>
      Pause sound here 2:00
    </button>
  );
}
