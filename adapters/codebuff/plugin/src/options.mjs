// Owns the command line. Must not look at the file system or the environment.

import { USAGE, NotStarted } from './exit.mjs';

export const MODES = ['free', 'normal', 'max', 'experimental', 'ask'];

/** The most steps that can be asked for. */
const MAX_STEPS = 10_000;
/** The longest value of an option, in characters. */
const MAX_VALUE_CHARS = 1024;

export const HELP = `aid-codebuff: runs a Codebuff agent on the prompt from stdin and reports as JSON lines on stdout

Usage: aid-codebuff [OPTIONS] < PROMPT

  --cwd DIR          work here (default: the current directory)
  --agent ID         an agent of the store, PUBLISHER/NAME@VERSION (default: codebuff/base@0.0.16)
  --model NAME       a plain agent with this model instead, in OpenRouter's form, such as openai/gpt-5.1
  --mode MODE        cost mode: ${MODES.join(', ')} (default: normal)
  --max-steps N      give up after so many answers of the model (default: 100)
  --read-only        a plain agent that can only read files; starts no command, writes nothing
  --resume ID        continue a session, the thread_id of an earlier run
  --version, --help

CODEBUFF_API_KEY holds the key. Sessions are kept below $CODEBUFF_AID_STATE, or ~/.config/aid-codebuff/sessions.
Exit codes: 0 done, 1 failed, 2 wrong usage, 77 no key.
`;

const VALUES = {
  '--cwd': 'cwd',
  '--agent': 'agent',
  '--model': 'model',
  '--mode': 'mode',
  '--max-steps': 'maxSteps',
  '--resume': 'resume',
};

/** What the arguments ask for. Each option at most once; a value never begins with a dash. */
export function parse(argv) {
  const options = { readOnly: false };
  const rest = [...argv];
  while (rest.length > 0) {
    const flag = rest.shift();
    if (flag === '--version' || flag === '--help' || flag === '-h') {
      return { show: flag === '--version' ? 'version' : 'help' };
    }
    if (flag === '--read-only') {
      options.readOnly = true;
      continue;
    }
    const name = Object.hasOwn(VALUES, flag) ? VALUES[flag] : undefined;
    if (name === undefined) throw wrong(`unknown argument ${JSON.stringify(flag)}; --help lists them`);
    if (options[name] !== undefined) throw wrong(`${flag} is given twice`);
    options[name] = value(flag, rest.shift());
  }
  return checked(options);
}

function value(flag, text) {
  if (text === undefined || text.trim() === '') throw wrong(`${flag} needs a value`);
  if (text.length > MAX_VALUE_CHARS) throw wrong(`the value of ${flag} is too long`);
  if (text.startsWith('-')) throw wrong(`the value of ${flag} begins with a dash`);
  if (/[\u0000-\u001f\u007f]/.test(text)) throw wrong(`the value of ${flag} has a control character`);
  return text;
}

function checked(options) {
  if (options.mode !== undefined && !MODES.includes(options.mode)) {
    throw wrong(`--mode cannot be ${JSON.stringify(options.mode)}; it is one of ${MODES.join(', ')}`);
  }
  if (options.maxSteps !== undefined) {
    const steps = /^[0-9]{1,5}$/.test(options.maxSteps) ? Number(options.maxSteps) : 0;
    if (steps < 1 || steps > MAX_STEPS) throw wrong(`--max-steps is a number from 1 to ${MAX_STEPS}`);
    options.maxSteps = steps;
  }
  if (options.agent !== undefined && options.model !== undefined) {
    throw wrong('--agent brings its own model; give --agent or --model');
  }
  if (options.agent !== undefined && options.readOnly) {
    throw wrong('--read-only cannot be promised for an agent of the store; leave --agent out');
  }
  return options;
}

function wrong(message) {
  return new NotStarted(USAGE, message);
}
