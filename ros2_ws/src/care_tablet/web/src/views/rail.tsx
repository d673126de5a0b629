// SPDX-License-Identifier: Apache-2.0
import type { JSX } from 'preact';
import { HoldIcon, Robot, WardIcon } from './icons';
import { go, route } from '../route';
import { batteryWords, isHeld } from '../robot';
import { robotView } from '../robot_commands';
import { dismissStop, pressStop, stopSaying } from '../stop';
import { robot } from '../store';

/** Ways through the page, and STOP: at the same place on every page, logged in or not. */
export function Rail(): JSX.Element {
  return (
    <nav class="rail" aria-label="Pages">
      <Way hash="#/" page="ward" words="Ward" testId="ward-open" icon={<WardIcon />} />
      <Way hash="#/robot" page="robot" words="Robot" testId="robot-open" icon={<Robot />} />
      <RobotChip />
      <button
        type="button"
        class="stop"
        data-testid="stop"
        aria-label="STOP the robot"
        onPointerDown={pressStop}
        onClick={(event) => {
          // A pointer has stopped the robot already when it came down; a key has no pointer.
          if (event.detail === 0) pressStop();
        }}
      >
        STOP
        <small>robot</small>
      </button>
    </nav>
  );
}

function Way({ hash, page, words, testId, icon }: { hash: string; page: string; words: string; testId: string; icon: JSX.Element }): JSX.Element {
  const here = route.value.page === page;
  return (
    <button type="button" class={here ? 'way here' : 'way'} aria-current={here ? 'page' : undefined} data-testid={testId} onClick={() => go(hash)}>
      {icon} {words}
    </button>
  );
}

/** State of the robot and why; grey with its age when it is not heard now. */
function RobotChip(): JSX.Element {
  const view = robotView.value;
  return (
    <div class={`robot-chip ${view.freshness} ${isHeld(view.state) ? 'held' : ''}`} role="status" aria-label="Robot">
      <b data-testid="robot-state">{view.words}</b>
      <small data-testid="robot-reason">{view.reason}</small>
      <small class="battery" data-testid="battery" aria-label="Battery of the robot">
        {batteryWords(robot.value?.battery ?? null, view.freshness === 'fresh')}
      </small>
    </div>
  );
}

/** What became of STOP; beside the button, never over an alarm. */
export function StopMessage(): JSX.Element | null {
  const { kind, text } = stopSaying.value;
  if (kind === 'none') return null;
  return (
    <div class={`stop-says ${kind}`} role="alert">
      <HoldIcon />
      <p data-testid="stop-message">{text}</p>
      {kind === 'unreachable' && (
        <button type="button" onClick={dismissStop}>
          Close
        </button>
      )}
    </div>
  );
}
