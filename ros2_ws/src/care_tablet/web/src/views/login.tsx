// SPDX-License-Identifier: Apache-2.0
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { duration, steady } from '../clock';
import { logIn, type LoginRequest, loginRequest, type LoginResult } from '../commands';
import { hello, now } from '../store';
import { Person } from './icons';

const PIN_LENGTH = 6;
const ROWS = [
  ['1', '2', '3'],
  ['4', '5', '6'],
  ['7', '8', '9'],
];

/** User and PIN beside the patients: vital signs and alarms stay in sight. */
export function LoginPanel(): JSX.Element | null {
  const request = loginRequest.value;
  return request === null ? null : <Panel request={request} />;
}

function Panel({ request }: { request: LoginRequest }): JSX.Element {
  const users = hello.value?.users ?? [];
  const [chosen, choose] = useState<string | null>(users.length === 1 ? users[0]!.id : null);
  const [pin, setPin] = useState('');
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<LoginResult | null>(null);
  const [lockedUntil, setLockedUntil] = useState(0);
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => panel.current?.focus(), []);

  const lockedFor = Math.ceil(lockedUntil - now.value);
  const ready = chosen !== null && !busy && lockedFor <= 0;
  const close = (): void => void (loginRequest.value = null);
  const submit = async (digits: string): Promise<void> => {
    setBusy(true);
    const outcome = await logIn(chosen!, digits);
    setBusy(false);
    setPin('');
    setResult(outcome);
    if (outcome.kind === 'locked') setLockedUntil(steady() + outcome.seconds);
  };
  const type = (digit: string): void => {
    if (!ready || pin.length >= PIN_LENGTH) return;
    setResult(null);
    const digits = pin + digit;
    setPin(digits);
    if (digits.length === PIN_LENGTH) void submit(digits);
  };
  const pick = (id: string): void => {
    choose(id);
    setPin('');
    setResult(null);
    setLockedUntil(0);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (/^\d$/.test(event.key)) type(event.key);
    else if (event.key === 'Backspace') setPin(pin.slice(0, -1));
    else if (event.key === 'Escape') close();
  };

  return (
    <div class="login" role="dialog" aria-labelledby="login-title" tabIndex={-1} ref={panel} onKeyDown={onKeyDown}>
      <div class="login-head">
        <h2 id="login-title">Log in</h2>
        <button type="button" data-testid="login-close" onClick={close}>
          Close
        </button>
      </div>
      {request.why !== '' && <p class="why">To {request.why}</p>}
      <div class="login-body">
        <div class="users" role="group" aria-label="User">
          {users.map((u) => (
            <button key={u.id} type="button" class={u.id === chosen ? 'user chosen' : 'user'} aria-pressed={u.id === chosen} data-testid={`login-user-${u.id}`} onClick={() => pick(u.id)}>
              <Person /> {u.name}
            </button>
          ))}
        </div>
        <div class="pin">
          <p class="dots" role="img" aria-label={`${pin.length} of ${PIN_LENGTH} digits`}>
            {Array.from({ length: PIN_LENGTH }, (_, i) => (
              <span key={i} class={i < pin.length ? 'dot full' : 'dot'} />
            ))}
          </p>
          <p class="login-message" data-testid="login-message" role="status">
            {words(result, chosen, busy, lockedFor)}
          </p>
          <div class="keypad">
            {ROWS.flat().map((digit) => (
              <Key key={digit} digit={digit} enabled={ready} onPress={type} />
            ))}
            <button type="button" class="key" data-testid="login-key-clear" aria-label="Clear" disabled={!ready} onClick={() => setPin('')}>
              C
            </button>
            <Key digit="0" enabled={ready} onPress={type} />
            <button type="button" class="key" data-testid="login-key-back" aria-label="Delete last digit" disabled={!ready} onClick={() => setPin(pin.slice(0, -1))}>
              ⌫
            </button>
          </div>
        </div>
      </div>
    </div>
  );
}

function Key({ digit, enabled, onPress }: { digit: string; enabled: boolean; onPress: (digit: string) => void }): JSX.Element {
  return (
    <button type="button" class="key" data-testid={`login-key-${digit}`} disabled={!enabled} onClick={() => onPress(digit)}>
      {digit}
    </button>
  );
}

function words(result: LoginResult | null, chosen: string | null, busy: boolean, lockedFor: number): string {
  if (lockedFor > 0) return `Locked. Try again in ${duration(lockedFor)}.`;
  if (busy) return 'Checking...';
  if (chosen === null) return 'Choose your name.';
  if (result?.kind === 'wrong') return `Wrong PIN. ${triesWords(result.triesLeft)}`;
  if (result?.kind === 'failed') return result.text;
  return 'Enter your PIN.';
}

function triesWords(left: number | null): string {
  if (left === null) return 'Try again.';
  return left === 1 ? '1 try left.' : `${left} tries left.`;
}
