// SPDX-License-Identifier: Apache-2.0
import type { JSX } from 'preact';
import { ageOf, canAcknowledge, isCall, MARKS, ofBed, pauseLeft, standing, stateWords, stripOf, textOf, WARD_BED } from '../alarms';
import { duration, timeOfDay } from '../clock';
import { acknowledge, outcomes, pauseAudio } from '../commands';
import type { Alarm } from '../protocol';
import { alarms, alarmsComplete, alarmsKnown, bedAudio, bedName, beds, standingAlarms, userName, wardNow } from '../store';
import { go } from '../route';
import { Bell, BellOff, BellPaused, Check, RaisedHand } from './icons';

/** Class of an alarm: colour by priority, flashing until it is acknowledged. */
export function alarmClass(alarm: Alarm): string {
  return `alarm-${alarm.priority.toLowerCase()} ${canAcknowledge(alarm) ? 'unseen' : 'seen'}`;
}

function Age({ alarm }: { alarm: Alarm }): JSX.Element {
  const age = ageOf(alarm, wardNow.value);
  return <span class="age">{age === null ? '' : duration(age)}</span>;
}

/** Priority as stars; a nurse call has a mark of its own. */
function Mark({ alarm }: { alarm: Alarm }): JSX.Element {
  if (isCall(alarm)) return <RaisedHand />;
  return (
    <b class="mark" aria-label={`${alarm.priority.toLowerCase()} priority`}>
      {MARKS[alarm.priority]}
    </b>
  );
}

const STRIP_HOLDS = 3;

function noAlarms(): string {
  return alarmsComplete.value ? 'No alarms' : 'Alarms not known';
}

/** Alarms of the whole ward in one line, highest first; on every page. */
export function AlarmStrip(): JSX.Element {
  const all = standingAlarms.value;
  const tiles = beds.value.map((bed) => bed.bed);
  const shown = stripOf(all, STRIP_HOLDS, tiles);
  return (
    <section class="strip" data-testid="alarm-strip" aria-label="Alarms of the ward">
      {all.length > 0 && !alarmsKnown.value && <p class="last-known">Last known:</p>}
      {all.length === 0 && <p class="none">{noAlarms()}</p>}
      {shown.map((alarm) => (
        <button key={alarm.id} type="button" class={`strip-item ${alarmClass(alarm)}`} onClick={() => go(tiles.includes(alarm.bed) ? `#/bed/${alarm.bed}` : '#/alarms')}>
          <Mark alarm={alarm} />
          <span class="words">
            <span class="strip-bed">
              <b>{bedName(alarm.bed)}</b> {!canAcknowledge(alarm) && <Check />} {alarm.suppressed_by && `(${alarm.suppressed_by})`}
            </span>
            {alarm.text}
          </span>
          <Age alarm={alarm} />
        </button>
      ))}
      {all.length > shown.length && (
        <button type="button" class="strip-more" onClick={() => go('#/alarms')}>
          +{all.length - shown.length} more
        </button>
      )}
    </section>
  );
}

/** The most urgent alarm of a bed on its tile. */
export function TileAlarm({ bed }: { bed: number }): JSX.Element {
  const own = ofBed(alarms.value?.alarms ?? [], bed);
  const first = own[0];
  const off = bedAudio(bed)?.alarms_off ?? false;
  const callsToo = own.slice(1).some(isCall);
  const more = own.length - 1 - Number(callsToo);
  return (
    <div class={first === undefined ? `tile-alarm none ${alarmsComplete.value && !off ? 'quiet' : ''}` : `tile-alarm ${alarmClass(first)}`} data-testid={`alarm-${bed}`}>
      {first === undefined ? (
        <span class="words">{off ? 'ALARMS OFF' : noAlarms()}</span>
      ) : (
        <>
          <Mark alarm={first} />
          <span class="words">
            {textOf(first)}
            {first.state !== 'ACTIVE' && <small>{stateWords(first, userName)}</small>}
          </span>
          {callsToo && (
            <span class="more" data-testid={`call-${bed}`}>
              <RaisedHand /> CALL
            </span>
          )}
          {more > 0 && <span class="more">+{more}</span>}
        </>
      )}
      <span class="tile-alarm-end">
        {first !== undefined && <Age alarm={first} />}
        <AudioMark bed={bed} />
      </span>
    </div>
  );
}

/** Audio pause of a bed, counting down: always in sight while it lasts. */
function AudioMark({ bed }: { bed: number }): JSX.Element | null {
  const audio = bedAudio(bed);
  const left = pauseLeft(audio, wardNow.value);
  if (audio?.alarms_off) {
    return (
      <span class="audio-mark">
        <BellOff /> <span class="hidden">Alarms off</span>
      </span>
    );
  }
  if (left <= 0) return null;
  return (
    <span class="audio-mark">
      <BellPaused /> <span class="hidden">Audio paused </span>
      {duration(Math.ceil(left))}
    </span>
  );
}

/** Alarms of one bed (with those of the whole ward), each with its own button. There is no "clear all". */
export function BedAlarms({ bed }: { bed: number }): JSX.Element {
  const all = alarms.value?.alarms ?? [];
  return <AlarmList list={[...ofBed(all, bed), ...(bed === WARD_BED ? [] : ofBed(all, WARD_BED))]} showBed={false} />;
}

export function WardAlarms(): JSX.Element {
  return <AlarmList list={standing(alarms.value?.alarms ?? [])} showBed />;
}

function AlarmList({ list, showBed }: { list: readonly Alarm[]; showBed: boolean }): JSX.Element {
  if (list.length === 0) return <p class="none">{noAlarms()}</p>;
  return (
    <ul class="alarm-list">
      {list.map((alarm) => (
        <AlarmItem key={alarm.id} alarm={alarm} showBed={showBed} />
      ))}
    </ul>
  );
}

function AlarmItem({ alarm, showBed }: { alarm: Alarm; showBed: boolean }): JSX.Element {
  const outcome = outcomes.value[`alarm:${alarm.id}`];
  const at = alarm.acknowledged_at === null ? '' : ` at ${timeOfDay(alarm.acknowledged_at)}`;
  return (
    <li class={`alarm-item ${alarmClass(alarm)}`}>
      <div class="alarm-words">
        <p class="alarm-text">
          <Mark alarm={alarm} /> {(showBed || alarm.bed === WARD_BED) && `${bedName(alarm.bed)}: `}
          {alarm.text}
        </p>
        <p>
          Since {alarm.onset === null ? 'unknown' : timeOfDay(alarm.onset)} (<Age alarm={alarm} />). {stateWords(alarm, userName)}
          {alarm.acknowledged_by && at}
        </p>
        {alarm.suppressed_by && <p>Cannot be confirmed now: {alarm.suppressed_by}</p>}
        {outcome !== undefined && !outcome.accepted && <p role="alert">{outcome.text}</p>}
      </div>
      {canAcknowledge(alarm) && (
        <button type="button" class="primary" data-testid={`ack-${alarm.code}`} onClick={() => acknowledge(alarm)}>
          {isCall(alarm) ? 'I am coming' : 'Acknowledge'}
        </button>
      )}
    </li>
  );
}

export const AUDIO_PAUSE_S = 120;

export function AudioPause({ bed }: { bed: number }): JSX.Element {
  const left = pauseLeft(bedAudio(bed), wardNow.value);
  const outcome = outcomes.value[`audio:${bed}`];
  return (
    <div class="audio-pause">
      <button type="button" class="primary" data-testid="audio-pause" aria-pressed={left > 0} onClick={() => pauseAudio(bed, left > 0 ? 0 : AUDIO_PAUSE_S)}>
        {left > 0 ? <BellPaused /> : <Bell />}
        {left > 0 ? `Audio paused ${duration(Math.ceil(left))}` : 'Pause audio 2:00'}
      </button>
      {outcome !== undefined && !outcome.accepted && <p role="alert">{outcome.text}</p>}
    </div>
  );
}
