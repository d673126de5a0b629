// SPDX-License-Identifier: Apache-2.0
/**
 * A stand-in for the ward gateway, for work on the page: four synthetic beds, no ROS.
 * Usage: node dev/mock_gateway.mjs [port]; then POST to /mock/<switch>, e.g. /mock/asystole?bed=2, /mock/robot?heard=0
 * Any user's PIN is 123456.
 */

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomUUID } from 'node:crypto';
import { WebSocketServer } from 'ws';
import { MockRobot } from './mock_robot.mjs';

const PORT = Number(process.argv[2] ?? 8090);
const DIST = fileURLToPath(new URL('../dist/', import.meta.url));
const CSP = "default-src 'self'; frame-ancestors 'none'; object-src 'none'; base-uri 'none'; form-action 'self'";
const BOOT = randomUUID();
const CHANNELS = ['ecg_ii', 'ecg_v1', 'ecg_v', 'ecg_v5', 'ecg_avr', 'pleth_red', 'pleth_ir', 'resp'];
const RATE = { ecg_ii: 250, ecg_v1: 250, pleth_ir: 125, resp: 62.5 };
const USERS = [
  { id: 'nurse', name: 'Nurse Demo', role: 'nurse' },
  { id: 'charge', name: 'Charge Nurse Demo', role: 'charge_nurse' },
  { id: 'viewer', name: 'Viewer Demo', role: 'viewer' },
];
const DEFAULTS = { kind: 'heart_rate', unit: '/min', extreme_low: 35, low: 50, high: 120, extreme_high: 160 };
const CHUNK_S = 0.04;

const now = () => Date.now() / 1000;
const start = now();
const sessions = new Map();
const clients = new Set();
const beds = (process.env.MOCK_BEDS ?? '1,2,3,4').split(',').map((n, i) => newBed(Number(n), i));
const stopped = new Set();
const robot = new MockRobot(beds.map((b) => b.bed));
let alarms = [];
let sequence = 0;
let tries = 5;
let lockedUntil = 0;

function newBed(bed, i) {
  return {
    bed,
    name: `Bed ${bed}`,
    rate: [72, 96, 58, 110, 84, 66, 131, 77][i % 8],
    origin: i % 4 === 2 && process.env.MOCK_MIXED ? 1 : 2,
    seq: 0,
    time: 0,
    phase: 0,
    index: Object.fromEntries(Object.keys(RATE).map((c) => [c, 0])),
    ring: [],
    limits: { ...DEFAULTS },
    restored: false,
    state: process.env.MOCK_EMPTY === String(bed) ? 'EMPTY' : 'ADMITTED',
    off: new Set(),
    audioUntil: null,
    setBy: '',
  };
}

const bump = (x, at, width, height) => height * Math.exp(-(((x - at) / width) ** 2));
const beatShape = (p) => bump(p, 0.18, 0.025, 0.14) + bump(p, 0.29, 0.006, -0.12) + bump(p, 0.31, 0.008, 1.15) + bump(p, 0.335, 0.008, -0.28) + bump(p, 0.56, 0.045, 0.3);
const pulseShape = (p) => bump(p, 0.45, 0.09, 0.9) + bump(p, 0.68, 0.1, 0.4);

function sample(bed, channel, t, p) {
  if (channel === 'resp') return 0.6 * Math.sin(2 * Math.PI * 0.25 * t);
  const flat = bed.off.has('asystole');
  if (channel === 'pleth_ir') return flat ? 0 : pulseShape(p) - 0.4;
  const noise = (Math.random() - 0.5) * (bed.off.has('noise') ? 1.5 : 0.02);
  const beat = flat ? 0 : beatShape(p);
  return (channel === 'ecg_v1' ? -0.6 * beat : beat) + noise + 0.06 * Math.sin(2 * Math.PI * 0.25 * t);
}

function chunk(bed) {
  const t0 = start + bed.time;
  const parts = [];
  const before = bed.phase;
  for (const [channel, rate] of Object.entries(RATE)) {
    const first = bed.index[channel];
    const last = Math.round((bed.time + CHUNK_S) * rate);
    const samples = new Int16Array(last - first);
    for (let i = 0; i < samples.length; i++) {
      const p = (before + ((i / rate) * bed.rate) / 60) % 1;
      const off = bed.off.has('leads') && channel.startsWith('ecg');
      samples[i] = off ? -32768 : Math.round(sample(bed, channel, (first + i) / rate, p) * 1000);
    }
    bed.index[channel] = last;
    parts.push({ code: CHANNELS.indexOf(channel), flags: bed.off.has('leads') && channel.startsWith('ecg') ? 1 : 0, rate, first, samples });
  }
  bed.time += CHUNK_S;
  bed.phase = before + (CHUNK_S * bed.rate) / 60;
  if (bed.phase >= 1) {
    bed.phase -= 1;
    if (!bed.off.has('asystole')) broadcast({ type: 'beat', bed: bed.bed, t: now(), class: 'NORMAL' });
  }
  return encode(bed, t0, parts);
}

function encode(bed, t0, parts) {
  const size = 24 + parts.reduce((sum, p) => sum + 24 + Math.ceil((p.samples.length * 2) / 8) * 8, 0);
  const out = Buffer.alloc(size);
  out.writeUInt8(1, 0);
  out.writeUInt8(bed.bed, 1);
  out.writeUInt8(parts.length, 2);
  out.writeUInt32LE(bed.seq++, 4);
  out.writeDoubleLE(t0, 8);
  out.writeUInt8(bed.origin, 16);
  let at = 24;
  for (const part of parts) {
    out.writeUInt8(part.code, at);
    out.writeUInt8(part.flags, at + 1);
    out.writeUInt16LE(part.samples.length, at + 2);
    out.writeFloatLE(part.rate, at + 4);
    out.writeFloatLE(0.001, at + 8);
    out.writeBigUInt64LE(BigInt(part.first), at + 16);
    part.samples.forEach((v, i) => out.writeInt16LE(v, at + 24 + i * 2));
    at += 24 + Math.ceil((part.samples.length * 2) / 8) * 8;
  }
  return { seq: bed.seq - 1, data: out };
}

const patient = (bed) => ({ state: bed.state, admission_id: bed.state === 'EMPTY' ? '' : `adm-${bed.bed}`, category: 'ADULT', paced: 'NO' });

const bedMessage = (bed) => ({
  type: 'bed',
  bed: bed.bed,
  patient: patient(bed),
  limits: [bed.limits],
  defaults: [DEFAULTS],
  restored: bed.restored,
  set_by: bed.setBy,
  set_at: null,
  watch: { watched: false, since: null, reason: 'no camera at this bed yet' },
});

function vitalsMessage(bed) {
  const reason = bed.off.has('leads') ? 'LEADS_OFF' : bed.off.has('asystole') ? 'ASYSTOLE' : bed.off.has('noise') ? 'NOISE' : 'OK';
  const words = { LEADS_OFF: 'ECG electrode off', ASYSTOLE: 'No heart beat found', NOISE: 'Signal too poor', OK: '' };
  const origin = ['LIVE', 'RECORDED', 'SIMULATED'][bed.origin];
  const sign = { unit: '/min', quality: 0.9, origin, measured_at: now(), confirmed: false };
  const rate = { ...sign, kind: 'heart_rate', value: reason === 'OK' ? bed.rate + Math.sin(now() / 5) : null, reason, reason_text: words[reason], source: 'simulator ecg_ii', method: 'mean of 12 R-R intervals' };
  const pulse = { ...rate, kind: 'pulse_rate', source: 'simulator pleth_ir', method: 'mean of 12 pulse intervals' };
  return { type: 'vitals', bed: bed.bed, t: now(), origin, admission_id: patient(bed).admission_id, signs: [rate, pulse], notices: ['NO ARRHYTHMIA DETECTION', 'APNOEA WATCH OFF'] };
}

const alarmsMessage = () => ({
  type: 'alarms',
  boot: BOOT,
  sequence: ++sequence,
  alarms,
  beds: beds.map((b) => ({ bed: b.bed, audio_paused_until: b.audioUntil, audio_paused_by: '', alarms_off: false, codes_off: [] })),
});

const KINDS = {
  asystole: ['asystole', 'HIGH', 'Asystole: no heart beat'],
  high: ['hr_high', 'MEDIUM', 'Heart rate 131 above 120 /min'],
  leads: ['leads_off', 'LOW', 'ECG electrode off'],
};

function raise(bed, kind) {
  const [code, priority, text] = KINDS[kind];
  const base = { acknowledged_by: '', acknowledged_at: null, value: null, limit: null, unit: '', suppressed_by: '', audio_paused_until: null, cleared: null };
  alarms.push({ ...base, id: randomUUID(), code, bed: bed.bed, admission_id: `adm-${bed.bed}`, origin: 'SIMULATED', type: 'PHYSIOLOGICAL', priority, state: 'ACTIVE', onset: now(), announced: now(), text });
}

function command(user, { id, cmd, args }) {
  const ack = (accepted, code, text) => ({ type: 'ack', id, accepted, code, text });
  if (user === null) return ack(false, 'not_logged_in', 'Log in first.');
  if (MockRobot.COMMANDS.includes(cmd)) return ack(...robot.command(cmd, args, id, user.id));
  if (cmd === 'acknowledge') {
    const alarm = alarms.find((a) => a.id === args.alarm_id);
    if (alarm === undefined) return ack(false, 'unknown_alarm', 'This alarm is over.');
    Object.assign(alarm, { state: 'ACKNOWLEDGED', acknowledged_by: user.id, acknowledged_at: now() });
  } else if (cmd === 'set_limits') {
    if (user.role !== 'charge_nurse') return ack(false, 'not_allowed', 'Your role may not do this.');
    const bed = beds.find((b) => b.bed === args.bed);
    bed.limits = { ...bed.limits, ...args.limits[0] };
    bed.setBy = user.id;
    broadcast(bedMessage(bed));
  } else if (cmd === 'pause_audio') {
    const until = args.seconds > 0 ? now() + args.seconds : null;
    beds.filter((b) => args.bed === 0 || b.bed === args.bed).forEach((b) => (b.audioUntil = until));
    alarms.filter((a) => args.bed === 0 || a.bed === args.bed).forEach((a) => (a.audio_paused_until = until));
  }
  broadcast(alarmsMessage());
  return ack(true, 'ok', '');
}

function broadcast(message) {
  const text = JSON.stringify(message);
  for (const client of clients) client.socket.send(text);
}

function greet(client, hello) {
  const send = (message) => client.socket.send(JSON.stringify(message));
  const streams = Object.fromEntries(beds.map((b) => [b.bed, b.seq]));
  send({ type: 'hello', protocol: 1, version: 'mock', boot: BOOT, now: now(), beds: beds.map(({ bed, name }) => ({ bed, name })), channels: CHANNELS, streams, user: client.user, users: USERS.map(({ id, name }) => ({ id, name })), audio_note: '', robot: robot.hello() });
  beds.forEach((bed) => send(bedMessage(bed)));
  if (!stopped.has('vitals')) beds.forEach((bed) => send(vitalsMessage(bed)));
  send(alarmsMessage());
  if (hello.boot === BOOT) {
    for (const bed of beds) bed.ring.filter((f) => f.seq > (hello.last[bed.bed] ?? Infinity)).forEach((f) => client.socket.send(f.data));
  }
  clients.add(client);
}

function status() {
  const node = (name) => ({ node: name, state: stopped.has(name) ? 'SILENT' : 'ACTIVE', age: stopped.has(name) ? 9 : 0.1, fault: '' });
  const ages = Object.fromEntries(beds.map((b) => [b.bed, 0.2]));
  broadcast({ type: 'status', now: now(), nodes: ['alarms', 'patient_simulator', 'supervisor', 'vitals'].map(node), alarms_age: stopped.has('alarms') ? 9 : 0.4, vitals_age: ages, waveform_age: ages, clients: clients.size });
}

function switchMock(url) {
  const name = url.pathname.split('/')[2];
  const bed = beds.find((b) => b.bed === Number(url.searchParams.get('bed') ?? 1));
  if (name === 'stop' || name === 'go') stopped[name === 'stop' ? 'add' : 'delete'](url.searchParams.get('node'));
  else if (name === 'robot') robot.heard = url.searchParams.get('heard') !== '0';
  else if (name === 'drop') for (const client of clients) client.socket.terminate();
  else if (name === 'restored') bed.restored = true;
  else if (name === 'clear') {
    alarms = [];
    beds.forEach((b) => b.off.clear());
  } else {
    bed.off.add(name);
    if (name in KINDS) raise(bed, name);
  }
  beds.forEach((b) => broadcast(bedMessage(b)));
  broadcast(alarmsMessage());
}

async function api(request, response, url) {
  let body = '';
  for await (const part of request) body += part;
  const reply = (code, value, headers = {}) => response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
  if (url.pathname.startsWith('/mock/')) return switchMock(url), reply(200, {});
  if (url.pathname === '/stop') return reply(200, { accepted: true, ...robot.stop() });
  if (url.pathname === '/api/logout') return reply(200, {}, { 'set-cookie': 'care_session=; Max-Age=0; Path=/' });
  if (now() < lockedUntil) return reply(423, { code: 'locked', seconds: Math.ceil(lockedUntil - now()) });
  const { user, pin } = JSON.parse(body);
  if (pin !== '123456') {
    tries -= 1;
    if (tries > 0) return reply(401, { code: 'wrong_pin', tries_left: tries });
    tries = 5;
    lockedUntil = now() + 60;
    return reply(423, { code: 'locked', seconds: 60 });
  }
  const id = randomUUID();
  sessions.set(id, USERS.find((u) => u.id === user));
  return reply(200, { user: sessions.get(id) }, { 'set-cookie': `care_session=${id}; HttpOnly; SameSite=Strict; Path=/` });
}

const MIME = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

async function file(response, pathname) {
  const path = join(DIST, normalize(pathname === '/' ? '/index.html' : pathname));
  try {
    const data = await readFile(path);
    response.writeHead(200, { 'content-type': MIME[extname(path)] ?? 'application/octet-stream', 'content-security-policy': CSP }).end(data);
  } catch {
    response.writeHead(404).end();
  }
}

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost');
  if (url.pathname === '/api/view') response.writeHead(503, { 'content-type': 'application/json' }).end('{"text":"The mock has no camera."}');
  else if (request.method === 'POST') void api(request, response, url);
  else void file(response, url.pathname);
});

new WebSocketServer({ server, path: '/ws' }).on('connection', (socket, request) => {
  const cookie = /care_session=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1];
  const client = { socket, user: sessions.get(cookie) ?? null };
  socket.on('close', () => clients.delete(client));
  socket.on('message', (data) => {
    const message = JSON.parse(data);
    if (message.type === 'stop') robot.stop();
    if (message.type === 'hello') greet(client, message);
    if (message.type === 'command') socket.send(JSON.stringify(command(client.user, message)));
  });
});

setInterval(() => {
  for (const bed of beds) {
    while (start + bed.time + CHUNK_S <= now()) {
      const frame = chunk(bed);
      bed.ring.push(frame);
      if (bed.ring.length > 750) bed.ring.shift();
      if (stopped.has('recording') || bed.off.has('silent')) continue;
      for (const client of clients) client.socket.send(frame.data);
    }
  }
}, CHUNK_S * 1000);

setInterval(() => broadcast(robot.frame(0.2)), 200);

setInterval(() => {
  status();
  if (!stopped.has('vitals')) beds.filter((b) => !b.off.has('silent')).forEach((b) => broadcast(vitalsMessage(b)));
  if (!stopped.has('alarms')) broadcast(alarmsMessage());
}, 1000);

server.listen(PORT, '127.0.0.1', () => console.log(`http://127.0.0.1:${PORT}`));
