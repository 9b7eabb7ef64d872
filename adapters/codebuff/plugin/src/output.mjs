// Owns stdout. Each line is handed to the kernel before the next statement runs, so that an exit at any moment loses
// nothing. Must not know what a line means.

import { writeSync } from 'node:fs';

/** How long a full pipe is waited for, and how often it is tried again. */
const FULL_PIPE_WAIT_MS = 60_000;
const FULL_PIPE_RETRY_MS = 5;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Writes one JSON line, whole. Throws when nobody can read it any more, or the disk is full. */
export function writeLine(object) {
  const bytes = Buffer.from(`${JSON.stringify(object)}\n`);
  let written = 0;
  let waitedMs = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(1, bytes, written);
      waitedMs = 0;
    } catch (error) {
      if (error.code !== 'EAGAIN' || waitedMs >= FULL_PIPE_WAIT_MS) throw error;
      Atomics.wait(sleeper, 0, 0, FULL_PIPE_RETRY_MS);
      waitedMs += FULL_PIPE_RETRY_MS;
    }
  }
}

/** For people, before a run has begun or when stdout is gone. */
export function writeError(text) {
  try {
    writeSync(2, `${text}\n`);
  } catch {
    // Nobody is there to be told.
  }
}
