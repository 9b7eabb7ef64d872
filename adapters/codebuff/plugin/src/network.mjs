// Owns what leaves this machine: requests to codebuff's backend, and nothing else. The SDK sends telemetry with every
// run and has no switch for it. Must not change what the backend is asked or answers; it may look how an answer ends.

/** Built into the SDK; a test holds the two together. */
export const BACKEND = 'https://www.codebuff.com';

/** The longest line of a model's stream that is looked at, in characters. Longer ones pass unread. */
const MAX_LINE_CHARS = 1 << 20;

/**
 * Stands between the SDK and fetch. Gives what is known of the model's answers: the one begun last, and the status with
 * which the last request was refused.
 */
export function guardFetch() {
  const real = globalThis.fetch;
  const answers = { last: undefined, refusedWith: undefined };
  globalThis.fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.origin !== BACKEND) return elsewhere(url);
    // A redirect could lead elsewhere.
    const response = await real(input, { ...init, redirect: 'error' });
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
    if (!url.pathname.endsWith('/chat/completions')) return response;
    answers.refusedWith = response.ok ? undefined : response.status;
    return response.ok && isStream ? watched(response, answers) : response;
  };
  return answers;
}

function elsewhere(url) {
  // A friendly answer, so that the telemetry client neither waits nor tries again.
  if (url.hostname.endsWith('.posthog.com')) return Response.json({ status: 1 });
  // With the login of another vendor's subscription in its files the SDK asks that vendor first, and goes to the
  // backend when that is at its limit.
  if (url.hostname.endsWith('.anthropic.com')) {
    const error = { type: 'rate_limit_error', message: 'aid-codebuff talks to codebuff only' };
    return Response.json({ type: 'error', error }, { status: 429 });
  }
  throw new TypeError(`aid-codebuff talks to codebuff only; a request to ${url.origin} was refused`);
}

/** The same answer, and a record of how it went: `finish` as the provider says it, `blank` when it said nothing. */
function watched(response, answers) {
  const answer = { finish: undefined, blank: true, abandoned: false };
  answers.last = answer;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  const body = new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) {
        look(rest, answer);
        controller.close();
        return;
      }
      const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
      rest = lines.pop();
      for (const line of lines) look(line, answer);
      if (rest.length > MAX_LINE_CHARS) {
        answer.blank = false;
        rest = '';
      }
      controller.enqueue(value);
    },
    cancel(reason) {
      // The SDK has read enough.
      answer.abandoned = true;
      return reader.cancel(reason);
    },
  });
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers });
}

function look(line, answer) {
  if (!line.startsWith('data:')) return;
  let choice;
  try {
    choice = JSON.parse(line.slice('data:'.length))?.choices?.[0];
  } catch {
    return;
  }
  if (choice?.finish_reason) answer.finish = choice.finish_reason;
  const delta = choice?.delta;
  if (delta?.content?.trim?.() || delta?.tool_calls?.length > 0) answer.blank = false;
}
