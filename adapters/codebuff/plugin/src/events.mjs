// Owns what the SDK's events look like as lines. Must not decide how the run ended.

import { existsSync } from 'node:fs';
import path from 'node:path';

/** The most of a tool's input or of its error that is passed on, in characters. */
const MAX_ARGUMENTS_CHARS = 2000;
const MAX_ERROR_CHARS = 500;

const FILE_TOOLS = new Set(['write_file', 'str_replace', 'apply_patch']);
const OPERATIONS = { create_file: 'add', update_file: 'update', delete_file: 'delete' };
const RESULTS = { 'Created new file': 'add', 'Updated file': 'update' };

/** Turns the events of one run into lines. */
export class Translator {
  #write;
  #cwd;
  #items = 0;
  /** Items that have begun, by the SDK's id of the call. */
  #open = new Map();
  #text = '';
  #reasoning = '';
  /** Whether the agent itself has said anything. */
  hasSpoken = false;
  /** What the run has cost, in codebuff's credits; undefined when it never said. */
  credits;

  constructor(write, cwd) {
    this.#write = write;
    this.#cwd = cwd;
  }

  handle(event) {
    // What a helper of the agent says is not the agent's answer.
    if (event.type === 'text' && event.agentId !== undefined) return;
    if (event.type !== 'text') this.flush();
    switch (event.type) {
      case 'text':
        this.#flushReasoning();
        this.#text += event.text;
        break;
      case 'tool_call':
        this.#toolCall(event);
        break;
      case 'tool_result':
        this.#toolResult(event);
        break;
      case 'subagent_start':
        this.#begin(`agent ${event.agentId}`, { type: 'mcp_tool_call', tool: `agent ${event.agentType}` });
        break;
      case 'subagent_finish':
        this.#end(`agent ${event.agentId}`, { status: 'completed' });
        break;
      case 'error':
        // The agent is told, and goes on.
        this.#write({ type: 'error', message: String(event.message) });
        break;
      case 'finish':
        if (Number.isFinite(event.totalCost)) this.credits = event.totalCost;
        break;
      default:
    }
  }

  /** The agent's own thoughts, in pieces. */
  handleReasoning(chunk) {
    if (chunk.ancestorRunIds?.length > 0) return;
    this.#flushText();
    this.#reasoning += chunk.chunk;
  }

  /** Nothing more belongs to what was said last. */
  flush() {
    this.#flushReasoning();
    this.#flushText();
  }

  /** A message that was in no event. */
  say(text) {
    this.flush();
    this.#complete({ type: 'agent_message', text });
  }

  /** Something about the run that people should know. */
  warn(message) {
    this.flush();
    this.#complete({ type: 'error', message });
  }

  #flushText() {
    if (this.#text === '') return;
    const text = this.#text;
    this.#text = '';
    this.hasSpoken = true;
    this.#complete({ type: 'agent_message', text });
  }

  #flushReasoning() {
    if (this.#reasoning === '') return;
    const text = this.#reasoning;
    this.#reasoning = '';
    this.#complete({ type: 'reasoning', text });
  }

  #toolCall({ toolCallId, toolName, input = {} }) {
    if (toolName === 'run_terminal_command') {
      const command = String(input.command ?? '');
      const nothing = { aggregated_output: '', exit_code: null };
      this.#begin(toolCallId, { type: 'command_execution', tool: toolName, command, ...nothing });
    } else if (FILE_TOOLS.has(toolName)) {
      const target = String(input.path ?? input.operation?.path ?? '');
      const exists = existsSync(path.resolve(this.#cwd, target));
      const kind = OPERATIONS[input.operation?.type] ?? (exists ? 'update' : 'add');
      this.#begin(toolCallId, { type: 'file_change', tool: toolName, changes: [{ path: target, kind }] });
    } else {
      const text = JSON.stringify(input) ?? '';
      const arguments_ = text.length <= MAX_ARGUMENTS_CHARS ? { arguments: input } : {};
      this.#begin(toolCallId, { type: 'mcp_tool_call', tool: toolName, ...arguments_ });
    }
  }

  #toolResult({ toolCallId, toolName, output }) {
    if (!this.#open.has(toolCallId)) this.#toolCall({ toolCallId, toolName });
    const value = output?.find?.((part) => part.type === 'json')?.value ?? {};
    const message = value.errorMessage === undefined ? undefined : String(value.errorMessage).slice(0, MAX_ERROR_CHARS);
    const { type, changes } = this.#open.get(toolCallId);
    const status = message === undefined ? 'completed' : 'failed';
    if (type === 'command_execution') {
      const exit_code = Number.isInteger(value.exitCode) ? value.exitCode : null;
      const parts = [value.stdout, value.stderr, value.errorMessage].filter((part) => typeof part === 'string');
      const failed = status === 'failed' || (exit_code !== null && exit_code !== 0);
      this.#end(toolCallId, { aggregated_output: parts.join(''), exit_code, status: failed ? 'failed' : 'completed' });
    } else if (type === 'file_change') {
      this.#end(toolCallId, { changes: made(value, changes), status, ...(message && { error: { message } }) });
    } else {
      this.#end(toolCallId, { status, ...(message && { error: { message } }) });
    }
  }

  #begin(key, item) {
    const begun = { id: this.#nextId(), ...item };
    this.#open.set(key, begun);
    this.#write({ type: 'item.started', item: { ...begun, status: 'in_progress' } });
  }

  #end(key, outcome) {
    const begun = this.#open.get(key);
    if (begun === undefined) return;
    this.#open.delete(key);
    this.#write({ type: 'item.completed', item: { ...begun, ...outcome } });
  }

  #complete(item) {
    this.#write({ type: 'item.completed', item: { id: this.#nextId(), ...item } });
  }

  #nextId() {
    return `item_${this.#items++}`;
  }
}

/** What the tool says it did, where it says so. */
function made(value, announced) {
  if (Array.isArray(value.applied)) return value.applied.map(({ file, action }) => ({ path: file, kind: action }));
  const kind = RESULTS[value.message];
  return kind === undefined ? announced : [{ path: value.file ?? announced[0].path, kind }];
}
