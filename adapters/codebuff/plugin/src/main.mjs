// Owns one run, from the arguments to the exit code. Must not know what the SDK's events look like.

import { readFileSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

import { chosen, continued } from './agent.mjs';
import { endChildren, guardChildren, killChildren } from './children.mjs';
import { failure, finalText, thrown } from './ending.mjs';
import { Translator } from './events.mjs';
import { DONE, FAILED, NO_KEY, NotStarted, USAGE } from './exit.mjs';
import { guardFetch } from './network.mjs';
import { HELP, parse } from './options.mjs';
import { writeError, writeLine } from './output.mjs';
import * as sessions from './sessions.mjs';

/** How long the SDK may take to wind up after it was told to stop. */
const ABORT_WAIT_MS = 1000;

/** How long a signal may take to end this process before it ends itself, with the code a shell would give it. */
const DEATH_WAIT_MS = 200;
const SIGNAL_EXIT_BASE = 128;

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'];

const SET_UP = `codebuff has no API key. Make one at https://www.codebuff.com/api-keys and put it into the environment:
  export CODEBUFF_API_KEY=...`;

/** Runs, and ends the process. */
export async function main(argv) {
  try {
    const options = parse(argv);
    if (options.show !== undefined) return show(options.show);
    await new Run(options).perform();
  } catch (error) {
    const isOurs = error instanceof NotStarted;
    writeError(`aid-codebuff: ${isOurs ? error.message : `internal error: ${error?.message ?? error}`}`);
    process.exit(isOurs ? error.code : FAILED);
  }
}

function show(what) {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  process.stdout.write(what === 'version' ? `aid-codebuff ${version}\n` : HELP);
}

class Run {
  #options;
  #cwd;
  #dir;
  #id;
  #translator;
  #running;
  #abort = new AbortController();
  /** Nothing is written any more: the run has ended, or somebody has ended it. */
  #isSilent = false;
  #signal;

  constructor(options) {
    this.#options = options;
  }

  async perform() {
    const { apiKey, previousRun, prompt } = await this.#prepare();
    for (const signal of SIGNALS) process.on(signal, () => this.#onSignal(signal));
    silenceConsole();
    const answers = guardFetch();
    guardChildren(this.#options);
    this.#translator = new Translator((line) => this.#write(line), this.#cwd);
    // Neither may pass: what is not known to have ended well has not.
    const fail = (error) => this.#fail(thrown(error));
    process.on('uncaughtException', fail).on('unhandledRejection', fail);

    this.#write({ type: 'thread.started', thread_id: this.#id });
    this.#write({ type: 'turn.started' });
    let state;
    try {
      this.#running = this.#start(apiKey, prompt, previousRun);
      state = await this.#running;
    } catch (error) {
      return this.#fail(thrown(error));
    }
    if (this.#isSilent) return undefined;
    this.#translator.flush();
    this.#save(state);
    const problem = failure(state, answers);
    return problem === undefined ? this.#complete(state, answers.last) : this.#fail(problem);
  }

  /** Everything that can be wrong before anything has happened. */
  async #prepare() {
    const apiKey = process.env.CODEBUFF_API_KEY?.trim();
    if (!apiKey) throw new NotStarted(NO_KEY, SET_UP);
    this.#cwd = path.resolve(this.#options.cwd ?? process.cwd());
    if (!statSync(this.#cwd, { throwIfNoEntry: false })?.isDirectory()) {
      throw new NotStarted(USAGE, `there is no directory ${this.#cwd}`);
    }
    this.#dir = sessions.directory();
    this.#id = this.#options.resume ?? sessions.newId();
    const stored = this.#options.resume && sessions.load(this.#dir, this.#id);
    if (process.stdin.isTTY) throw new NotStarted(USAGE, 'the prompt is read from stdin, and stdin is a terminal');
    const prompt = await text(process.stdin);
    if (prompt.trim() === '') throw new NotStarted(USAGE, 'the prompt on stdin is empty');
    return { apiKey, prompt, previousRun: stored && continued(stored, this.#cwd) };
  }

  async #start(apiKey, prompt, previousRun) {
    // The SDK uses it without asking, and Node has it from 22 on.
    Promise.withResolvers ??= function withResolvers() {
      const made = {};
      made.promise = new this((resolve, reject) => Object.assign(made, { resolve, reject }));
      return made;
    };
    const { CodebuffClient } = await import('@codebuff/sdk');
    const client = new CodebuffClient({ apiKey, cwd: this.#cwd });
    return client.run({
      ...chosen(this.#options),
      prompt,
      previousRun,
      maxAgentSteps: this.#options.maxSteps,
      signal: this.#abort.signal,
      handleEvent: (event) => this.#translator.handle(event),
      handleStreamChunk: (chunk) => {
        if (chunk?.type === 'reasoning_chunk') this.#translator.handleReasoning(chunk);
      },
    });
  }

  async #complete(state, answer) {
    // Before the mark, so that nothing of the run is left when it is read.
    await endChildren();
    if (this.#isSilent) return;
    const unsaid = this.#translator.hasSpoken ? undefined : finalText(state.output);
    if (unsaid !== undefined) this.#translator.say(unsaid);
    // What it said before its tools ran is not its answer when it said nothing after them.
    else if (answer?.blank) this.#translator.say('');
    this.#end({ type: 'turn.completed' }, DONE);
  }

  async #fail(error) {
    if (this.#isSilent) return;
    this.#translator.flush();
    this.#end({ type: 'turn.failed', error }, FAILED);
  }

  /** The last line. */
  #end(line, code) {
    const { credits } = this.#translator;
    this.#write(credits === undefined ? line : { ...line, codebuff_credits: credits });
    this.#isSilent = true;
    killChildren();
    process.exit(code);
  }

  #save(state) {
    if (!state?.sessionState?.mainAgentState) return;
    try {
      sessions.save(this.#dir, this.#id, state.sessionState);
    } catch (error) {
      if (this.#isSilent) return;
      this.#translator.warn(`the session could not be kept and cannot be resumed: ${error.message}`);
    }
  }

  #write(line) {
    if (this.#isSilent) return;
    try {
      writeLine(line);
    } catch (error) {
      this.#isSilent = true;
      killChildren();
      writeError(`aid-codebuff: cannot write to stdout: ${error.message}`);
      process.exit(FAILED);
    }
  }

  /** No mark of any kind: whoever sent the signal knows. What was done so far can be resumed. */
  async #onSignal(signal) {
    if (this.#signal !== undefined) {
      killChildren();
      return die(signal);
    }
    this.#signal = signal;
    this.#translator?.flush();
    this.#isSilent = true;
    this.#abort.abort();
    const wound = Promise.resolve(this.#running).then((state) => this.#save(state), () => undefined);
    await Promise.all([endChildren(), Promise.race([wound, sleep(ABORT_WAIT_MS)])]);
    return die(signal);
  }
}

/** Ends this process by the signal itself, so that its parent sees one. */
function die(signal) {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  setTimeout(() => process.exit(SIGNAL_EXIT_BASE + os.constants.signals[signal]), DEATH_WAIT_MS);
}

/** stdout is the protocol's alone, and what the SDK says to developers has requests and paths in it. */
function silenceConsole() {
  globalThis.AI_SDK_LOG_WARNINGS = false;
  for (const name of ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir', 'table']) console[name] = () => {};
  process.stdout.write = () => true;
  process.removeAllListeners('warning');
}
