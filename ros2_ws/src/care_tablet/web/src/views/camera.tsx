// SPDX-License-Identifier: Apache-2.0
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { timeOfDay } from '../clock';
import { withLogin } from '../commands';
import { robot, user, userName, wardNow } from '../store';
import { robotView } from '../robot_commands';

const SHOWN_S = 60;
const PERIOD_MS = 200;
const TIMEOUT_MS = 2000;
/** A picture on the screen is taken away when no newer one came for so long, [s]. */
const OLDEST_S = 2;

/** The blurred view, off by default, off again by itself. Never an old picture without saying so. */
export function CameraView(): JSX.Element {
  const [left, setLeft] = useState(0);
  const on = left > 0 && user.value !== null;
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);
  const reason = robotView.value.freshness === 'lost' ? robotView.value.reason : (robot.value?.camera.reason ?? '');
  return (
    <section class="card camera" aria-label="Camera">
      {on ? <Picture /> : <p data-testid="camera-reason">{reason === '' ? 'Camera view is off.' : reason}</p>}
      {on ? (
        <button type="button" data-testid="camera-close" onClick={() => setLeft(0)}>
          Hide camera ({left} s)
        </button>
      ) : (
        <button type="button" data-testid="camera-open" onClick={() => withLogin('look through the camera', () => setLeft(SHOWN_S))}>
          Show camera
        </button>
      )}
    </section>
  );
}

function Picture(): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [says, say] = useState({ age: NaN, reason: 'Waiting for a picture...' });
  useEffect(() => watch(canvas.current!, say), []);
  const there = says.reason === '';
  return (
    <div class="picture">
      <canvas ref={canvas} data-testid="camera" hidden={!there} role="img" aria-label="Blurred camera view" />
      {there ? <small>{says.age.toFixed(1)} s old, persons hidden</small> : <p data-testid="camera-reason">{says.reason}</p>}
    </div>
  );
}

type Say = (what: { age: number; reason: string }) => void;

/** Draw the newest picture again and again; return what ends it. */
function watch(canvas: HTMLCanvasElement, say: Say): () => void {
  let going = true;
  const turn = async (): Promise<void> => {
    while (going) {
      const began = performance.now();
      const reason = await draw(canvas, say).catch(() => 'No link to the ward.');
      if (!going) return;
      if (reason !== '') say({ age: NaN, reason });
      await new Promise((done) => setTimeout(done, Math.max(0, PERIOD_MS - (performance.now() - began))));
    }
  };
  void turn();
  return () => (going = false);
}

/** Return why there is no picture, '' when one was drawn. */
async function draw(canvas: HTMLCanvasElement, say: Say): Promise<string> {
  const asked = performance.now();
  const response = await fetch('api/view', { credentials: 'same-origin', cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) {
    if (response.status === 401) user.value = null;
    const body = (await response.json().catch(() => ({}))) as { text?: string };
    return body.text || `No picture (${response.status}).`;
  }
  const picture = await createImageBitmap(await response.blob());
  // The whole round trip counts: the picture was no younger than that when it was sent.
  const age = Number(response.headers.get('x-age') ?? NaN) + (performance.now() - asked) / 1000;
  if (!(age <= OLDEST_S)) return 'The picture came too late.';
  [canvas.width, canvas.height] = [picture.width, picture.height];
  const pen = canvas.getContext('2d')!;
  pen.drawImage(picture, 0, 0);
  picture.close();
  watermark(pen, canvas);
  say({ age, reason: '' });
  return '';
}

function watermark(pen: CanvasRenderingContext2D, { width, height }: HTMLCanvasElement): void {
  const words = `${userName(user.peek()?.id ?? '')} ${wardNow.peek() === null ? '' : timeOfDay(wardNow.peek()!)}`;
  pen.font = `${Math.round(width / 28)}px sans-serif`;
  pen.fillStyle = 'rgba(0, 0, 0, 0.5)';
  pen.fillRect(0, height - width / 20, width, width / 20);
  pen.fillStyle = '#fff';
  pen.fillText(words, 8, height - width / 75);
}
