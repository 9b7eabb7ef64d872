// Owns how a finished run is judged: the SDK resolves for failures too, and calls a run that was cut short a success.
// Must not write anything.

/** The longest reason that is passed on, in characters. */
const MAX_REASON_CHARS = 8000;

/** How the SDK tells the agent, not its caller, that the steps are used up. */
const STEP_LIMIT = 'The assistant has responded too many times in a row.';

/** Why a model's answer was no whole answer, by the provider's word for it. */
const CUT = {
  length: "the model's answer was cut at its length limit",
  content_filter: "the model's answer was stopped by a content filter",
  error: "the model's answer ended with an error of the provider",
};

/** Why the run is no success; undefined when it is one. */
export function failure(state, { last: answer, refusedWith }) {
  const { output, sessionState } = state;
  if (output === undefined || output.type === 'error') {
    // The SDK keeps the status only of what it did not try again.
    return reason(output?.message, output?.statusCode ?? refusedWith);
  }
  if (reachedStepLimit(sessionState?.mainAgentState)) {
    return { message: 'the step limit was reached before the agent was done; raise it, or resume the session' };
  }
  if (answer === undefined || answer.abandoned) return undefined;
  if (answer.finish === undefined) return { message: "the model's answer broke off before it was complete" };
  return Object.hasOwn(CUT, answer.finish) ? { message: CUT[answer.finish] } : undefined;
}

/** The same for something that was thrown. */
export function thrown(error) {
  return reason(error?.message ?? String(error), error?.statusCode ?? error?.status);
}

/** Up to the first blank line: what follows is a stack trace, with paths of this machine. */
function reason(message, status) {
  const [text] = String(message ?? '').trim().split(/\r?\n[ \t]*\r?\n|\r?\n\s+at /);
  const known = Number.isInteger(status) ? { status } : {};
  return { message: text.slice(0, MAX_REASON_CHARS) || 'codebuff gave no reason', ...known };
}

function reachedStepLimit(state) {
  if (!(state?.stepsRemaining <= 0)) return false;
  const last = state.messageHistory?.at(-1);
  return last?.role === 'user' && JSON.stringify(last.content).includes(STEP_LIMIT);
}

/** The answer that the SDK gives at the end, for a run in which the agent itself said nothing. */
export function finalText(output) {
  if (output.type === 'structuredOutput') {
    return output.value === null || output.value === undefined ? undefined : JSON.stringify(output.value);
  }
  const parts = (output.value ?? [])
    .filter((message) => message.role === 'assistant' && Array.isArray(message.content))
    .flatMap((message) => message.content)
    .filter((part) => part.type === 'text');
  return parts.length === 0 ? undefined : parts.map((part) => part.text).join('\n');
}
