// SPDX-License-Identifier: Apache-2.0
/** A robot for the stand-in gateway: drives straight through the corridor, stops, is released. */

const HOME = [0, 0, 0];
const CORRIDOR = { home: [0, 0], corridor_1: [2, 0], corridor_2: [5, 0] };
const SPEED = 0.5;

export class MockRobot {
  static COMMANDS = ['go_to_bed', 'check_bed', 'return', 'at_home', 'cancel_task', 'release_stop'];
  heard = true;
  held = false;
  pose = [...HOME];
  way = [];
  length = 1;
  tasks = [];
  silence = 0;

  constructor(beds) {
    this.beds = Object.fromEntries(beds.map((bed, i) => [bed, [i % 4 === 0 || i % 4 === 3 ? 2 : 5, i % 4 < 2 ? 1.2 : -1.2, i % 4 < 2 ? Math.PI / 2 : -Math.PI / 2]]));
  }

  hello() {
    return { name: 'robot_1', map: { home: HOME, beds: this.beds, waypoints: CORRIDOR, ways: [['home', 'corridor_1'], ['corridor_1', 'corridor_2']] } };
  }

  stop() {
    if (!this.heard) return { confirmed: false, state: '' };
    this.held = true;
    this.end('FAILED', 'stopped', 'The robot is stopped.');
    return { confirmed: true, state: 'STOPPED' };
  }

  command(cmd, { bed = 0 }, id, user) {
    if (cmd === 'release_stop') this.held = false;
    else if (cmd === 'cancel_task') this.end('CANCELLED', 'cancelled', 'Cancelled.');
    else if (this.held) return [false, 'stopped', 'The robot is stopped (STOPPED): Stopped at tablet.'];
    else if (this.way.length > 0) return [false, 'busy', 'The robot is busy. Cancel that first.'];
    else this.begin(cmd, bed, id, user);
    return [true, 'ok', ''];
  }

  begin(type, bed, id, user) {
    const goal = type === 'return' ? HOME : (this.beds[bed] ?? this.pose);
    this.way = [[this.pose[0], 0], [goal[0], 0], [goal[0], goal[1]]];
    this.length = Math.max(this.left(), 0.01);
    this.tasks.unshift({ id, type, bed, user, state: 'RUNNING', progress: 0, remaining_s: null, code: '', text: '' });
    this.tasks.splice(5);
  }

  end(state, code, text) {
    this.way = [];
    if (this.tasks[0]?.state === 'RUNNING') Object.assign(this.tasks[0], { state, code, text, remaining_s: 0 });
  }

  left() {
    let [x, y] = this.pose;
    return this.way.reduce((sum, [nx, ny]) => {
      const step = Math.hypot(nx - x, ny - y);
      [x, y] = [nx, ny];
      return sum + step;
    }, 0);
  }

  drive(seconds) {
    if (this.way.length === 0) return;
    const [dx, dy] = [this.way[0][0] - this.pose[0], this.way[0][1] - this.pose[1]];
    const far = Math.hypot(dx, dy);
    const step = Math.min(far, SPEED * seconds);
    if (far > 0) this.pose = [this.pose[0] + (dx * step) / far, this.pose[1] + (dy * step) / far, Math.atan2(dy, dx)];
    if (far <= step) this.way.shift();
    Object.assign(this.tasks[0], { progress: 1 - this.left() / this.length, remaining_s: this.left() / SPEED });
    if (this.way.length === 0) this.end('SUCCEEDED', 'ok', 'The robot is there.');
  }

  /** Move on, and return the `robot` frame. */
  frame(seconds) {
    this.silence = this.heard ? 0 : this.silence + seconds;
    if (this.heard) this.drive(seconds);
    const state = this.held ? 'STOPPED' : this.way.length > 0 ? 'MOVING' : 'READY';
    const safety = { state, reasons: this.held ? ['Stopped at tablet'] : [], watched: [], boot: 'mock', origin: 'SIMULATED' };
    const lost = this.silence > 5;
    return {
      type: 'robot',
      present: !lost,
      age: this.silence,
      safety: lost ? null : safety,
      pose: lost ? null : this.pose,
      pose_age: this.silence,
      position_known: true,
      battery: 0.87,
      tasks: this.tasks,
      tasks_age: 0.1,
      estop: { engaged: false, readable: true, reason: '' },
      drawers: [1, 2, 3].map((drawer) => ({ drawer, state: 'LOCKED' })),
      locks_enabled: true,
      drawers_reason: '',
      lights: { priority: null },
      camera: { age: null, reason: 'The mock has no camera.' },
    };
  }
}
