// Plays codebuff's backend on the loopback: the calls that the SDK makes, with answers of the model from a script.

import { once } from 'node:events';
import { createServer } from 'node:http';

/** A server that answers the model's requests one after the other; the last answer repeats. */
export async function startBackend(answers, { keyIsGood = true, storeAgent } = {}) {
  const requests = [];
  const asked = [];
  const waiting = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { pathname } = new URL(request.url, 'http://x');
    requests.push(`${request.method} ${pathname}`);
    const json = (status, value) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(value));
    };
    if (pathname === '/api/v1/me') return keyIsGood ? json(200, { id: 'user' }) : json(401, { error: 'no' });
    if (pathname === '/api/v1/agent-runs') return json(200, { runId: 'run-1' });
    if (pathname.endsWith('/steps')) return json(200, { stepId: 'step-1' });
    if (pathname === '/api/v1/token-count') return json(200, { inputTokens: 1000 });
    if (pathname.startsWith('/api/v1/agents/') && storeAgent) return json(200, storeAgent);
    if (pathname !== '/api/v1/chat/completions') return json(404, { error: 'unknown' });
    const number = asked.push(JSON.parse(body)) - 1;
    waiting.splice(0).forEach((wake) => wake());
    return answers[Math.min(number, answers.length - 1)](response, json);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** Method and path of each request. */
    requests,
    /** The bodies of the requests to the model. */
    asked,
    async untilAsked(count) {
      while (asked.length < count) await new Promise((wake) => waiting.push(wake));
    },
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function stream(response, chunks) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const chunk of chunks) response.write(`data: ${JSON.stringify({ id: 'chat-1', model: 'fake', ...chunk })}\n\n`);
}

const delta = (value) => ({ choices: [{ index: 0, delta: value, finish_reason: null }] });
const finish = (reason) => ({ choices: [{ index: 0, delta: {}, finish_reason: reason }], usage: USAGE });
const USAGE = { prompt_tokens: 1000, completion_tokens: 50, total_tokens: 1050 };

/** A text, in pieces. */
export function says(text, reason = 'stop') {
  return (response) => {
    const pieces = text.match(/[\s\S]{1,7}/gu) ?? [''];
    stream(response, [...pieces.map((content) => delta({ content })), finish(reason)]);
    response.end('data: [DONE]\n\n');
  };
}

/** A text, and then the call of a tool. */
export function calls(text, name, input) {
  return (response) => {
    const wanted = { name, arguments: JSON.stringify(input) };
    const call = { index: 0, id: `call-${name}`, type: 'function', function: wanted };
    stream(response, [delta({ content: text }), delta({ tool_calls: [call] }), finish('tool_calls')]);
    response.end('data: [DONE]\n\n');
  };
}

/** Half an answer, and then the end of the stream. */
export function breaksOff(text) {
  return (response) => {
    stream(response, [delta({ content: text })]);
    response.end();
  };
}

/** Half an answer, and then nothing. */
export function hangs(text) {
  return (response) => stream(response, [delta({ content: text })]);
}

/** A refusal of the provider. */
export function refuses(status, message) {
  return (response, json) => json(status, { error: { message, type: 'x', code: 'x', param: null } });
}
