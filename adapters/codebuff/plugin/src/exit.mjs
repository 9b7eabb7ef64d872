// Owns the exit codes, which the adapter knows too, and how a run that never began says why. Must not write to stdout.

/** The run ended well. */
export const DONE = 0;
/** It failed; stdout says why, if it began. */
export const FAILED = 1;
/** The command line or the prompt cannot be what it says it is. */
export const USAGE = 2;
/** There is no key for codebuff's backend. */
export const NO_KEY = 77;

/** Why a run cannot begin: an exit code, and a text for stderr. */
export class NotStarted extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}
