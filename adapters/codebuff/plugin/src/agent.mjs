// Owns which agent runs and what it may do. Must not start it.

import { EventEmitter } from 'node:events';
import fs from 'node:fs';

/** What codebuff's own documentation of this SDK runs. */
const STORE_AGENT = 'codebuff/base@0.0.16';

const PLAIN_AGENT = 'aid-codebuff-plain';

/** For a plain agent without --model, by cost mode. Names from the SDK's own list. */
const PLAIN_MODELS = {
  free: 'google/gemini-2.5-flash',
  normal: 'anthropic/claude-sonnet-4.5',
  max: 'anthropic/claude-opus-4.1',
  experimental: 'google/gemini-2.5-pro',
  ask: 'anthropic/claude-sonnet-4.5',
};

const READING_TOOLS = ['read_files', 'code_search', 'list_directory', 'glob'];
const WRITING_TOOLS = ['write_file', 'str_replace', 'run_terminal_command'];

const SYSTEM_PROMPT = `You are a software engineer who works alone in the project at {CODEBUFF_PROJECT_ROOT}.
Nobody answers questions: decide, do the work with your tools, and end with a message that says what you did.

{CODEBUFF_FILE_TREE_PROMPT_SMALL}

{CODEBUFF_KNOWLEDGE_FILES_CONTENTS}

{CODEBUFF_SYSTEM_INFO_PROMPT}`;

const READING_PROMPT = '\n\nYou can only read: you cannot change files or run commands.';

/** The SDK's names for readings of the file system. */
const READING_CALLS = new Set(['readFile', 'readdir', 'stat', 'lstat', 'access', 'realpath', 'readlink']);

/** The part of the SDK's options that says who runs. */
export function chosen({ agent, model, mode = 'normal', readOnly }) {
  const isPlain = readOnly || model !== undefined;
  const plain = {
    id: PLAIN_AGENT,
    displayName: 'Plain agent',
    model: model ?? PLAIN_MODELS[mode],
    toolNames: readOnly ? READING_TOOLS : [...READING_TOOLS, ...WRITING_TOOLS],
    systemPrompt: readOnly ? SYSTEM_PROMPT + READING_PROMPT : SYSTEM_PROMPT,
    outputMode: 'last_message',
  };
  return {
    agent: isPlain ? PLAIN_AGENT : (agent ?? STORE_AGENT),
    // Never an empty list: with one the SDK imports, and so runs, what lies in the project's .agents directory.
    agentDefinitions: [plain],
    costMode: mode,
    ...(readOnly ? readingOnly() : {}),
  };
}

/**
 * A promise, so kept more than once: the agent is not offered other tools, the SDK would refuse their calls, its file
 * system cannot write, and no process but a search can be started (see children.mjs). Only an agent that is defined
 * here can be held to it: the store's agents bring code that the SDK runs in this process.
 */
function readingOnly() {
  const refuse = async () => {
    throw new Error('not allowed: this run may only read');
  };
  const files = Object.fromEntries(
    Object.keys(fs.promises).map((name) => [name, READING_CALLS.has(name) ? fs.promises[name] : refuse]),
  );
  return {
    overrideTools: { write_file: refuse, str_replace: refuse, apply_patch: refuse, run_terminal_command: refuse },
    fsSource: () => files,
    spawnSource: startNothing,
  };
}

/** For git, which the SDK asks at the start what has changed: it may run hooks and write its index. */
function startNothing() {
  const child = new EventEmitter();
  queueMicrotask(() => child.emit('error', new Error('not allowed: this run may only read')));
  return child;
}

/** A session as it can be continued: in this directory, without the definitions of agents that it brings along. */
export function continued(sessionState, cwd) {
  const fileContext = { ...sessionState.fileContext, agentTemplates: {}, cwd, projectRoot: cwd };
  return { sessionState: { ...sessionState, fileContext }, output: { type: 'error', message: 'not finished' } };
}
