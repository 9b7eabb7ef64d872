// Starts the program as a user would, in a directory and with a home of its own.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

const BIN = new URL('../../bin/aid-codebuff.mjs', import.meta.url).pathname;
const PRELOAD = new URL('preload.mjs', import.meta.url).href;

/** The longest a process may take to be gone, and how often anything is looked for. */
const GONE_WAIT_MS = 10_000;
export const LOOK_MS = 20;

/** A project with one file, a home, and a place for sessions; gone after the test. */
export function makeWorld(test) {
  const root = mkdtempSync(path.join(os.tmpdir(), 'aid-codebuff-'));
  test.after(() => rmSync(root, { recursive: true, force: true }));
  const world = { root, project: path.join(root, 'project'), home: path.join(root, 'home') };
  world.sessions = path.join(root, 'sessions');
  world.strays = path.join(root, 'strays');
  mkdirSync(world.project);
  mkdirSync(world.home);
  writeFileSync(path.join(world.project, 'hello.txt'), 'hello file\n');
  return world;
}

/** A process that is running. `ended` gives everything about its end. */
export function start(world, backend, args = [], { prompt = 'Do the thing.', env = {}, stdout = 'pipe' } = {}) {
  const child = spawn(process.execPath, ['--import', PRELOAD, BIN, ...args], {
    cwd: world.project,
    stdio: ['pipe', stdout, 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: world.home,
      CODEBUFF_API_KEY: 'dummy-key',
      CODEBUFF_AID_STATE: world.sessions,
      TEST_BACKEND: backend?.url ?? 'http://127.0.0.1:9',
      TEST_STRAYS: world.strays,
      ...env,
    },
  });
  child.stdin.on('error', () => {});
  child.stdin.end(prompt);
  const ended = (async () => {
    // A test may close it.
    const out = child.stdout ? text(child.stdout).catch(() => '') : '';
    const err = text(child.stderr);
    const [code, signal] = await once(child, 'exit');
    const said = await out;
    return { code, signal, stdout: said, stderr: await err, lines: said.split('\n').filter(Boolean).map(JSON.parse) };
  })();
  return { child, ended };
}

/** One whole run. */
export async function run(world, backend, args, options) {
  return start(world, backend, args, options).ended;
}

/** Waits for a process to be gone: its last moments belong to whoever inherits it. */
export async function untilGone(pid) {
  for (let waitedMs = 0; waitedMs < GONE_WAIT_MS; waitedMs += LOOK_MS) {
    try {
      process.kill(pid, 0);
    } catch (error) {
      if (error.code === 'ESRCH') return;
      throw error;
    }
    await sleep(LOOK_MS);
  }
  throw new Error(`process ${pid} is still there`);
}

/** What the program tried to send to anybody but the backend. */
export function strays(world) {
  return existsSync(world.strays) ? readFileSync(world.strays, 'utf8') : '';
}

/** Types of lines, and of the items in them. */
export function shape(lines) {
  return lines.map((line) => (line.item ? `${line.type} ${line.item.type}` : line.type));
}

/** The texts that the agent said. */
export function messages(lines) {
  return lines.filter((line) => line.item?.type === 'agent_message').map((line) => line.item.text);
}
