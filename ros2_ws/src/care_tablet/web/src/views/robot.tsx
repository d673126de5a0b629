// SPDX-License-Identifier: Apache-2.0
import type { JSX } from 'preact';
import { outcomes } from '../commands';
import { isHeld, lastEnded, resultWords, runningTask, taskWords } from '../robot';
import { ask, askRelease, blocked, cancelTask, robotView } from '../robot_commands';
import { bedName, beds, hello, robot, userName } from '../store';
import { BackButton } from './bed';
import { CameraView } from './camera';
import { RobotMap } from './robot_map';

/** The robot: what it is and why, where, what it does, and what may be asked of it. */
export function RobotPage(): JSX.Element {
  return (
    <main class="robot-page">
      <header class="page-head">
        <BackButton />
        <h1>{robotName()}</h1>
        {robot.value?.safety?.origin === 'SIMULATED' && <p class="badge origin-simulated">SIMULATED ROBOT</p>}
      </header>
      <RobotMap />
      <div class="robot-looks">
        <CameraView />
        <Board />
      </div>
      <div class="robot-side">
        <StateCard />
        <TaskCard />
        <Verbs />
      </div>
    </main>
  );
}

/** `robot_1` is shown as `Robot 1`. */
function robotName(): string {
  const name = (hello.value?.robot?.name ?? '').replaceAll('_', ' ');
  return /^robot/i.test(name) ? name.replace(/^r/, 'R') : `Robot ${name}`;
}

function StateCard(): JSX.Element {
  const view = robotView.value;
  const offer = isHeld(view.state) && blocked.value === '';
  return (
    <section class={`card state-card ${view.freshness} ${isHeld(view.state) ? 'held' : ''}`} aria-label="State of the robot">
      <div>
        <h2>{view.words}</h2>
        <p>{view.reason}</p>
      </div>
      {offer && (
        <button type="button" data-testid="release" onClick={askRelease}>
          Release stop
        </button>
      )}
    </section>
  );
}

function TaskCard(): JSX.Element {
  const message = robotView.value.freshness === 'lost' ? null : robot.value;
  const task = runningTask(message);
  const ended = lastEnded(message);
  const answer = outcomes.value.robot;
  return (
    <section class="card task-card" aria-label="Task of the robot">
      {task === null ? (
        <p class="none">{message === null ? 'Tasks not known.' : 'No task.'}</p>
      ) : (
        <div class="task" data-testid="task">
          <p>
            <b>{taskWords(task)}</b> <small>{userName(task.user)}</small>
          </p>
          <progress max={1} value={task.progress ?? 0} aria-label={`${Math.round((task.progress ?? 0) * 100)} % of the way`} />
          <small>{task.remaining_s === null ? '' : `at least ${Math.ceil(task.remaining_s)} s left`}</small>
          <button type="button" data-testid="task-cancel" onClick={cancelTask}>
            Cancel
          </button>
        </div>
      )}
      <p class="task-result" data-testid="task-result" role="status">
        {answer !== undefined && !answer.accepted ? answer.text : ended === null ? '' : `Last: ${resultWords(ended)}`}
      </p>
    </section>
  );
}

function Verbs(): JSX.Element {
  const why = blocked.value;
  const known = robot.value?.position_known ?? true;
  return (
    <section class="verbs" aria-label="Commands">
      {why !== '' && <p class="why-not">{why}</p>}
      <div class="verbs-beds">
        {beds.value.map(({ bed }) => (
          <div class="verbs-bed" key={bed}>
            <GoButton bed={bed} />
            <button type="button" data-testid={`look-${bed}`} disabled={why !== ''} onClick={() => ask('check_bed', bed)}>
              Look at bed {bed}
            </button>
          </div>
        ))}
      </div>
      <div class="verbs-home">
        <button type="button" class="primary" data-testid="return" disabled={why !== ''} onClick={() => ask('return')}>
          Return
        </button>
        {!known && (
          <button type="button" class="primary" data-testid="at-home" disabled={why !== ''} onClick={() => ask('at_home')}>
            Robot is at home
          </button>
        )}
      </div>
    </section>
  );
}

/** Ask the robot to a bed; disabled, with the reason, while it cannot be asked. */
export function GoButton({ bed }: { bed: number }): JSX.Element {
  const why = blocked.value;
  return (
    <button type="button" class="primary" data-testid={`go-${bed}`} disabled={why !== ''} title={why} aria-label={`Send the robot to ${bedName(bed)}`} onClick={() => ask('go_to_bed', bed)}>
      Go to bed {bed}
    </button>
  );
}

const DRAWER_WORDS: Record<string, string> = { LOCKED: 'locked', UNLOCKED: 'unlocked', OPEN: 'OPEN', FORCED: 'FORCED OPEN', UNKNOWN: 'not known' };

function Board(): JSX.Element {
  const message = robotView.value.freshness === 'lost' ? null : robot.value;
  return (
    <section class="card board" aria-label="Drawers and lights">
      <h2>Drawers and lights</h2>
      {message === null ? <p class="none">Not known.</p> : <BoardState message={message} />}
    </section>
  );
}

function BoardState({ message }: { message: NonNullable<typeof robot.value> }): JSX.Element {
  const { drawers, drawers_reason, locks_enabled, lights, estop } = message;
  return (
    <ul>
      {drawers.map(({ drawer, state }) => (
        <li key={drawer}>
          Drawer {drawer}: <b>{DRAWER_WORDS[state] ?? state}</b>
        </li>
      ))}
      {!locks_enabled && <li>Locks do not open. {drawers_reason}</li>}
      <li>
        Light: <b>{lights === null ? 'not known' : (lights.priority?.toLowerCase() ?? 'no alarm')}</b>
      </li>
      <li>
        Red button: <b>{!estop.readable ? 'cannot be read' : estop.engaged ? 'PRESSED' : 'not pressed'}</b>
        {estop.reason !== '' && ` (${estop.reason})`}
      </li>
    </ul>
  );
}
