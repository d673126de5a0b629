// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { outcomes } from '../commands';
import { Hold } from '../hold';
import { blocked, give, type Question, question, release, type Verb } from '../robot_commands';
import { bedName } from '../store';

/** The one question before the robot does something: beside the patients, never over them. */
export function QuestionPanel(): JSX.Element | null {
  const asked = question.value;
  if (asked === null) return null;
  return asked.kind === 'release' ? <ReleasePanel /> : <TaskPanel key={`${asked.verb} ${asked.bed}`} asked={asked} />;
}

function close(): void {
  question.value = null;
}

function Panel({ title, children }: { title: string; children: ComponentChildren }): JSX.Element {
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => panel.current?.focus(), []);
  return (
    <div class="login question" role="dialog" aria-labelledby="question-title" tabIndex={-1} ref={panel} onKeyDown={(event) => event.key === 'Escape' && close()}>
      <div class="login-head">
        <h2 id="question-title">{title}</h2>
        <button type="button" data-testid="question-close" onClick={close}>
          Close
        </button>
      </div>
      {children}
    </div>
  );
}

function titleOf(verb: Verb, bed: number): string {
  if (verb === 'go_to_bed') return `Send the robot to ${bedName(bed)}?`;
  if (verb === 'check_bed') return `Let the robot look at ${bedName(bed)}?`;
  return verb === 'return' ? 'Send the robot back to its place?' : 'Does the robot stand at its home place?';
}

const WORDS: Record<Verb, string> = {
  go_to_bed: 'It drives there now, and waits there.',
  check_bed: 'It drives there now, and says how many persons its camera sees.',
  return: 'It drives home now.',
  at_home: 'Go and see: it must stand at its home place, turned the right way. The robot takes your word for it.',
};

function TaskPanel({ asked }: { asked: Question & { kind: 'task' } }): JSX.Element {
  const { verb, bed } = asked;
  const [busy, setBusy] = useState(false);
  const send = (): void => {
    setBusy(true);
    void give(verb, bed).finally(() => setBusy(false));
  };
  return (
    <Panel title={titleOf(verb, bed)}>
      <p>{WORDS[verb]}</p>
      <HoldButton words={verb === 'at_home' ? 'Hold: it stands at home' : 'Hold to send it'} disabled={busy || blocked.value !== ''} onHeld={send} />
      <p class="message" role="status">
        {blocked.value || (busy ? 'Asking the robot...' : outcomes.value.robot?.text)}
      </p>
    </Panel>
  );
}

function HoldButton({ words, disabled, onHeld }: { words: string; disabled: boolean; onHeld: () => void }): JSX.Element {
  const [held, setHeld] = useState(false);
  const act = useRef(onHeld);
  act.current = onHeld;
  const hold = useMemo(() => new Hold(() => act.current(), setHeld), []);
  useEffect(() => () => hold.up(), []);
  useEffect(() => {
    if (disabled) hold.up();
  }, [disabled]);
  const isKey = (event: KeyboardEvent): boolean => event.key === 'Enter' || event.key === ' ';
  return (
    <button
      type="button"
      class={held ? 'primary hold held' : 'primary hold'}
      data-testid="confirm-hold"
      disabled={disabled}
      onPointerDown={() => hold.down()}
      onPointerUp={() => hold.up()}
      onPointerLeave={() => hold.up()}
      onPointerCancel={() => hold.up()}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => isKey(event) && !event.repeat && hold.down()}
      onKeyUp={(event) => isKey(event) && hold.up()}
      onBlur={() => hold.up()}
    >
      {words}
    </button>
  );
}

function ReleasePanel(): JSX.Element {
  const [clear, setClear] = useState(false);
  const [busy, setBusy] = useState(false);
  const send = (): void => {
    setBusy(true);
    void release().finally(() => {
      setBusy(false);
      setClear(false);
    });
  };
  return (
    <Panel title="Release the stop of the robot?">
      <p>Its task is cancelled first. It does not move by itself afterwards: it waits for a new command.</p>
      <button type="button" class={clear ? 'primary path-clear yes' : 'primary path-clear'} role="checkbox" aria-checked={clear} data-testid="release-path-clear" disabled={busy} onClick={() => setClear(!clear)}>
        <span class="box" aria-hidden="true">
          {clear ? '✓' : ''}
        </span>
        I have looked: the path is clear
      </button>
      <button type="button" class="primary" data-testid="release-confirm" disabled={!clear || busy || blocked.value !== ''} onClick={send}>
        Release stop
      </button>
      <p class="message" role="status">
        {blocked.value || (busy ? 'Asking the robot...' : outcomes.value.release?.text)}
      </p>
    </Panel>
  );
}
