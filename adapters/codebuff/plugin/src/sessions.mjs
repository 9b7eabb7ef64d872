// Owns the sessions on disk: what the SDK must be given back to continue one. They hold the conversation and files of
// the project, so only their owner may read them. Must not look inside.

import { randomUUID } from 'node:crypto';
import { constants, closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { USAGE, NotStarted } from './exit.mjs';

/** The largest session that is kept or read, in bytes. */
const MAX_BYTES = 64 << 20;
/** How many are kept; the ones used longest ago go first. */
const MAX_SESSIONS = 500;

const FORMAT = 1;
const ID = /^cb-[0-9a-z][0-9a-z-]{0,63}$/;
const SUFFIX = '.json';

/** A session that does not exist yet. */
export function newId() {
  return `cb-${randomUUID()}`;
}

/** Where sessions are. Made when the first one is saved. */
export function directory(env = process.env) {
  const chosen = env.CODEBUFF_AID_STATE;
  if (!chosen) return path.join(os.homedir(), '.config', 'aid-codebuff', 'sessions');
  if (!path.isAbsolute(chosen)) throw new NotStarted(USAGE, 'CODEBUFF_AID_STATE must be an absolute path');
  return chosen;
}

/** The state of a session, or a reason why it cannot be continued. */
export function load(dir, id) {
  if (!ID.test(id)) throw new NotStarted(USAGE, `${JSON.stringify(id)} is no session of aid-codebuff`);
  const refuse = (reason) => new NotStarted(USAGE, `cannot resume session ${id}: ${reason}`);
  let file;
  try {
    // A link could lead to somebody else's file.
    file = openSync(path.join(dir, id + SUFFIX), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    throw refuse(error.code === 'ENOENT' ? `there is none in ${dir}` : error.message);
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw refuse('it is no file');
    if (stat.size > MAX_BYTES) throw refuse(`it is larger than ${MAX_BYTES >> 20} MiB`);
    const stored = JSON.parse(readFileSync(file, 'utf8'));
    if (stored?.format !== FORMAT || stored.id !== id || typeof stored.sessionState !== 'object') {
      throw refuse('its file is of another version, or damaged');
    }
    return stored.sessionState;
  } catch (error) {
    throw error instanceof NotStarted ? error : refuse(`its file is damaged (${error.message})`);
  } finally {
    closeSync(file);
  }
}

/** Stores a session so that a crash leaves the old one or the new one. Throws when it cannot be stored. */
export function save(dir, id, sessionState) {
  const text = JSON.stringify({ format: FORMAT, id, sessionState });
  if (Buffer.byteLength(text) > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES >> 20} MiB`);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const target = path.join(dir, id + SUFFIX);
  const temporary = path.join(dir, `.${id}.${process.pid}.tmp`);
  const file = openSync(temporary, 'w', 0o600);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, target);
  forgetOldest(dir);
}

function forgetOldest(dir) {
  const names = readdirSync(dir).filter((name) => name.endsWith(SUFFIX) && ID.test(name.slice(0, -SUFFIX.length)));
  if (names.length <= MAX_SESSIONS) return;
  const age = (name) => statSync(path.join(dir, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const newestFirst = names.map((name) => [age(name), name]).sort(([a], [b]) => b - a);
  for (const [, name] of newestFirst.slice(MAX_SESSIONS)) unlinkSync(path.join(dir, name));
}
