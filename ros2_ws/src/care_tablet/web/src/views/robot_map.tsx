// SPDX-License-Identifier: Apache-2.0
import type { JSX } from 'preact';
import type { WardMap } from '../protocol';
import { fit, type Point, type Projection } from '../robot';
import { ask, blocked, robotView } from '../robot_commands';
import { bedName, hello, now, robot, robotAt } from '../store';

const [WIDTH, HEIGHT, MARGIN] = [640, 350, 70];
/** A bed is drawn so far in front of where the robot stands, [m]. */
const BED_AHEAD_M = 0.8;

/** The ward from above: ways, beds to touch, the robot with its heading. */
export function RobotMap(): JSX.Element {
  const map = hello.value?.robot?.map ?? null;
  if (map === null || map.home === null) return <p class="card robot-map none">This ward has no map.</p>;
  const beds = Object.entries(map.beds).map(([bed, pose]) => ({ bed: Number(bed), stand: pose, lie: ahead(pose) }));
  const places: Point[] = [...Object.values(map.waypoints), ...beds.map((b) => b.lie), ...beds.map((b) => [b.stand[0], b.stand[1]] as const), [map.home[0], map.home[1]]];
  const to = fit(places, WIDTH, HEIGHT, MARGIN);
  return (
    <div class="card robot-map">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} data-testid="map" role="group" aria-label="Map of the ward">
        <Ways map={map} to={to} />
        {beds.map(({ bed, stand, lie }) => (
          <g key={bed}>
            <Line from={nearest(map, stand)} end={stand} to={to} />
            <BedMark bed={bed} at={to.at(lie[0], lie[1])} />
          </g>
        ))}
        <Home at={to.at(map.home[0], map.home[1])} />
        <RobotMark to={to} />
      </svg>
      <p class="map-words">{poseWords()}</p>
    </div>
  );
}

function ahead([x, y, yaw]: readonly [number, number, number]): Point {
  return [x + BED_AHEAD_M * Math.cos(yaw), y + BED_AHEAD_M * Math.sin(yaw)];
}

function nearest(map: WardMap, [x, y]: readonly number[]): Point {
  const far = (p: Point): number => Math.hypot(p[0] - x!, p[1] - y!);
  return Object.values(map.waypoints).reduce<Point>((best, p) => (far(p) < far(best) ? p : best), [map.home![0], map.home![1]]);
}

function Ways({ map, to }: { map: WardMap; to: Projection }): JSX.Element {
  return (
    <>
      {map.ways.map(([a, b]) => (
        <Line key={`${a} ${b}`} from={map.waypoints[a]!} end={map.waypoints[b]!} to={to} />
      ))}
    </>
  );
}

function Line({ from, end, to }: { from: readonly number[]; end: readonly number[]; to: Projection }): JSX.Element {
  const [x1, y1] = to.at(from[0]!, from[1]!);
  const [x2, y2] = to.at(end[0]!, end[1]!);
  return <line class="map-way" x1={x1} y1={y1} x2={x2} y2={y2} />;
}

function BedMark({ bed, at: [x, y] }: { bed: number; at: Point }): JSX.Element {
  const why = blocked.value;
  const touch = (): void => {
    if (why === '') ask('go_to_bed', bed);
  };
  return (
    <g
      class="map-bed"
      role="button"
      tabIndex={0}
      aria-disabled={why !== ''}
      aria-label={`Send the robot to ${bedName(bed)}`}
      data-testid={`map-bed-${bed}`}
      onClick={touch}
      onKeyDown={(event) => {
        if (event.key === 'Enter' || event.key === ' ') touch();
      }}
    >
      <rect x={x - 60} y={y - 46} width={120} height={92} rx={10} />
      <text x={x} y={y + 8}>
        {bedName(bed)}
      </text>
    </g>
  );
}

function Home({ at: [x, y] }: { at: Point }): JSX.Element {
  return (
    <g class="map-home">
      <path d={`M${x - 24} ${y + 20}v-24l24 -20 24 20v24z`} />
      <text x={x} y={y + 44}>
        Home
      </text>
    </g>
  );
}

function RobotMark({ to }: { to: Projection }): JSX.Element | null {
  const pose = robot.value?.pose ?? null;
  if (pose === null || robotView.value.freshness === 'lost') return null;
  const [x, y] = to.at(pose[0], pose[1]);
  const age = poseAge();
  const stale = robotView.value.freshness === 'stale' || age > 1;
  return (
    <g class={stale ? 'map-robot stale' : 'map-robot'} data-testid="map-robot" transform={`translate(${x} ${y})`}>
      <g transform={`rotate(${(-pose[2] * 180) / Math.PI})`}>
        <circle r={20} />
        <path d="M-8 -11 L15 0 L-8 11 Z" />
      </g>
      {stale && <text y={-28}>{age.toFixed(0)} s old</text>}
    </g>
  );
}

function poseAge(): number {
  const message = robot.value;
  return message?.pose_age == null ? Infinity : message.pose_age + Math.max(0, now.value - robotAt.value);
}

function poseWords(): string {
  const message = robot.value;
  if (message === null || robotView.value.freshness === 'lost') return 'Place of the robot not known.';
  if (!message.position_known) return 'The robot does not know where it stands. Push it to its home place, then touch "Robot is at home".';
  return message.pose === null ? 'Place of the robot not known.' : '';
}
