// SPDX-License-Identifier: Apache-2.0
import { type JSX, render } from 'preact';
import { alertTick } from './alerting';
import { startAnimation } from './animation';
import { link, loginRequest } from './commands';
import { question } from './robot_commands';
import { route, watchAddress } from './route';
import { wakeSpeaker } from './speaker';
import { counters, tick } from './store';
import { AlarmStrip, WardAlarms } from './views/alarms';
import { BackButton, BedPage } from './views/bed';
import { LoginPanel } from './views/login';
import { SoundPage } from './views/sound';
import { QuestionPanel } from './views/question';
import { Rail, StopMessage } from './views/rail';
import { RobotPage } from './views/robot';
import { Banner, TopBar } from './views/top';
import { Ward } from './views/ward';
import type { Counters } from './waves';

declare global {
  interface Window {
    /** Counters for browser tests. */
    careDebug: Counters;
  }
}

function Page(): JSX.Element {
  const r = route.value;
  return (
    <div class={loginRequest.value === null && question.value === null ? 'page' : 'page with-login'}>
      <TopBar />
      <Banner />
      <AlarmStrip />
      {r.page === 'ward' && <Ward />}
      {r.page === 'bed' && <BedPage key={r.bed} number={r.bed} />}
      {r.page === 'alarms' && <AlarmsPage />}
      {r.page === 'sound' && <SoundPage />}
      {r.page === 'robot' && <RobotPage />}
      {loginRequest.value === null ? <QuestionPanel /> : <LoginPanel />}
      <StopMessage />
      <Rail />
      <footer class="foot">Research and education. Not a medical device.</footer>
    </div>
  );
}

function AlarmsPage(): JSX.Element {
  return (
    <main class="alarms-page">
      <header class="page-head">
        <BackButton />
        <h1>All alarms</h1>
      </header>
      <WardAlarms />
    </main>
  );
}

/** Keep the screen on while the page is in sight, where the browser can. */
function stayAwake(): void {
  if (document.visibilityState === 'visible') void navigator.wakeLock?.request('screen').catch(() => undefined);
}

window.careDebug = counters;
watchAddress();
render(<Page />, document.getElementById('page')!);
link.start();
startAnimation();
setInterval(() => {
  tick();
  alertTick();
}, 250);
window.addEventListener('online', () => link.hurry());
document.addEventListener('visibilitychange', () => {
  link.hurry();
  stayAwake();
});
document.addEventListener('pointerdown', wakeSpeaker);
document.addEventListener('keydown', wakeSpeaker);
stayAwake();
