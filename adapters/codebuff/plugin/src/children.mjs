// Owns the processes that the SDK starts: commands of the model, ripgrep, git, tool servers. Each leads a group of its
// own, knows no key, and ends with the run. Must not know what they are for.

import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a group may take to end by itself, and how often it is looked at. */
const GRACE_MS = 500;
const LOOK_MS = 20;

/** Keys that the model's commands have no business with. */
export const SECRETS = ['CODEBUFF_API_KEY', 'CODEBUFF_BYOK_OPENROUTER', 'CODEBUFF_CLAUDE_OAUTH_TOKEN'];

/** Every other way to start a process. */
const OTHERS = ['exec', 'execFile', 'fork', 'spawnSync', 'execSync', 'execFileSync'];

/** Flags of ripgrep that only choose what is found. Others can run programs (--pre, --hostname-bin, -z). */
const SEARCH_FLAGS = new Set(
  ('--no-config --json --ignore-case --case-sensitive --smart-case --word-regexp --line-regexp --fixed-strings ' +
    '--glob --iglob --type --type-not --multiline --multiline-dotall --context --after-context --before-context ' +
    '--hidden --no-ignore --max-count --max-depth --invert-match --files-with-matches --count --line-number')
    .split(' '),
);
const SHORT_SEARCH_FLAGS = /^-[nisSwxFUvlc.]*([gtTABCme].*)?$/;

const groups = new Set();
let isEnding = false;

/** Watches over every process from now on. With `readOnly` only a search is started at all. */
export function guardChildren({ readOnly }) {
  const { spawn } = childProcess;
  childProcess.spawn = (file, args, options) => {
    const [list, given] = Array.isArray(args) ? [args, options ?? {}] : [[], options ?? args ?? {}];
    if (isEnding) throw new Error('the run is ending');
    if (readOnly && !isSearch(file, list, given)) throw new Error('not allowed: this run may only read');
    const env = { ...(given.env ?? process.env) };
    for (const name of SECRETS) delete env[name];
    return watched(spawn(file, list, { ...given, env, detached: true }));
  };
  if (readOnly) {
    for (const name of OTHERS) {
      childProcess[name] = () => {
        throw new Error('not allowed: this run may only read');
      };
    }
  }
  syncBuiltinESMExports();
}

/** The SDK's own ripgrep, with nothing that makes it run another program. */
function isSearch(file, args, options) {
  const isRipgrep = /^rg(\.exe)?$/.test(path.basename(file)) && file.includes(path.join('@codebuff', 'sdk', 'dist'));
  if (!isRipgrep || options.shell) return false;
  const end = args.indexOf('--');
  const flags = args.slice(0, end === -1 ? args.length : end).filter((arg) => arg.startsWith('-'));
  return flags.every((flag) =>
    flag.startsWith('--') ? SEARCH_FLAGS.has(flag.split('=')[0]) : SHORT_SEARCH_FLAGS.test(flag),
  );
}

function watched(child) {
  const { pid } = child;
  if (pid === undefined) return child;
  groups.add(pid);
  // What it leaves behind keeps the group alive, and stays known.
  child.once('exit', () => isAlive(pid) || groups.delete(pid));
  // The SDK ends what takes too long: all of it, not only the shell.
  child.kill = (signal = 'SIGTERM') => {
    const isThere = signalGroup(pid, signal);
    if (signal !== 'SIGKILL') setTimeout(() => signalGroup(pid, 'SIGKILL'), GRACE_MS).unref();
    return isThere;
  };
  return child;
}

/** Ends all that is still there. Nothing can be started afterwards. */
export async function endChildren() {
  isEnding = true;
  for (const pid of groups) signalGroup(pid, 'SIGTERM');
  for (let waitedMs = 0; waitedMs < GRACE_MS && alive().length > 0; waitedMs += LOOK_MS) await sleep(LOOK_MS);
  killChildren();
}

/** The same without waiting. */
export function killChildren() {
  isEnding = true;
  for (const pid of groups) signalGroup(pid, 'SIGKILL');
}

function alive() {
  for (const pid of groups) if (!isAlive(pid)) groups.delete(pid);
  return [...groups];
}

function isAlive(pid) {
  return signalGroup(pid, 0);
}

/** Whether anybody was there to be signalled. A group's number is not given away while the group has members. */
function signalGroup(pid, signal) {
  if (!groups.has(pid)) return false;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
