// What a run says about work that goes well.

import assert from 'node:assert/strict';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { BACKEND } from '../src/network.mjs';
import { calls, says, startBackend } from './support/backend.mjs';
import { makeWorld, messages, run, shape, strays, untilGone } from './support/run.mjs';

async function world(test, answers, backendOptions) {
  const made = makeWorld(test);
  const backend = await startBackend(answers, backendOptions);
  test.after(() => backend.stop());
  return { ...made, backend };
}

const EDIT = calls('I will create the file.', 'write_file', {
  path: 'hello.py',
  instructions: 'write',
  content: "print('hello')\n",
});
const COMMAND = (command, timeout_seconds = 30) =>
  calls('Now I run it.', 'run_terminal_command', { command, process_type: 'SYNC', timeout_seconds });

test('an answer is one message between the marks, and stderr stays empty', async (t) => {
  const w = await world(t, [says('Hello from the fake model. 2+2=4.')]);
  const { code, stderr, lines } = await run(w, w.backend, ['--model', 'fake/plain']);
  assert.equal(code, 0);
  assert.equal(stderr, '');
  assert.deepEqual(shape(lines), ['thread.started', 'turn.started', 'item.completed agent_message', 'turn.completed']);
  assert.match(lines[0].thread_id, /^cb-[0-9a-f-]{36}$/);
  assert.deepEqual(messages(lines), ['Hello from the fake model. 2+2=4.']);
  assert.deepEqual(lines.at(-1), { type: 'turn.completed', codebuff_credits: 0 }, 'credits are no tokens');
  assert.match(JSON.stringify(w.backend.asked[0].messages), /<user_message>Do the thing\.<\/user_message>/);
  assert.equal(w.backend.asked[0].model, 'fake/plain');
});

test('nothing but the backend is asked, not even for telemetry', async (t) => {
  const w = await world(t, [EDIT, says('Done.')]);
  const { code } = await run(w, w.backend, ['--model', 'fake/x']);
  assert.equal(code, 0);
  assert.equal(strays(w), '');
  assert.ok(w.backend.requests.includes('GET /api/v1/me'));
  const { WEBSITE_URL } = await import('@codebuff/sdk');
  assert.equal(new URL(WEBSITE_URL).origin, BACKEND);
});

test('edits, commands and other tools are told with their ends', async (t) => {
  const replace = { path: 'hello.py', replacements: [{ old: 'hello', new: 'bye', allowMultiple: false }] };
  const w = await world(t, [
    EDIT,
    COMMAND('cat hello.py; echo oops >&2; exit 3'),
    calls('', 'read_files', { paths: ['hello.py'] }),
    calls('', 'str_replace', replace),
    calls('', 'str_replace', replace),
    says('All done.'),
  ]);
  const { lines } = await run(w, w.backend, ['--model', 'fake/edit']);
  const ends = lines.filter((line) => line.type === 'item.completed').map((line) => line.item);
  const change = (kind, status = 'completed') => ({
    type: 'file_change',
    changes: [{ path: 'hello.py', kind }],
    status,
  });
  const expected = [
    { type: 'agent_message', text: 'I will create the file.' },
    change('add'),
    { type: 'agent_message', text: 'Now I run it.' },
    { type: 'command_execution', exit_code: 3, status: 'failed', aggregated_output: "print('hello')\noops\n" },
    { type: 'mcp_tool_call', tool: 'read_files', arguments: { paths: ['hello.py'] }, status: 'completed' },
    change('update'),
    change('update', 'failed'),
    { type: 'agent_message', text: 'All done.' },
  ];
  assert.equal(ends.length, expected.length);
  expected.forEach((item, at) => assert.deepEqual({ ...ends[at], ...item }, ends[at]));
  assert.equal(new Set(ends.map((item) => item.id)).size, ends.length, 'every item has an id of its own');
  const begun = lines.filter((line) => line.type === 'item.started').map((line) => line.item);
  assert.deepEqual(begun.map((item) => item.id), ends.filter((item) => item.status).map((item) => item.id));
  assert.equal(readFileSync(path.join(w.project, 'hello.py'), 'utf8'), "print('bye')\n");
});

test('text arrives as the model wrote it', async (t) => {
  const answer =
    '[MILESTONE] x\n[FINDING] a — “loop” 漢字 🚀 \u001b[31mred\u001b[0m\ttab\r\n\u202e\u0000👩‍💻\nDone.';
  const w = await world(t, [says(answer)]);
  const { lines } = await run(w, w.backend, ['--model', 'fake/markers']);
  assert.deepEqual(messages(lines), [answer]);
});

test('a large answer is whole in a file and in a slow pipe', async (t) => {
  const answer = 'x'.repeat(3 << 20);
  const w = await world(t, [(response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let at = 0; at < answer.length; at += 1 << 16) {
      const delta = { content: answer.slice(at, at + (1 << 16)) };
      response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta }] })}\n\n`);
    }
    response.end('data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
  }]);
  const file = path.join(w.root, 'stdout');
  const fd = openSync(file, 'w');
  const { code } = await run(w, w.backend, ['--model', 'fake/huge'], { stdout: fd });
  closeSync(fd);
  assert.equal(code, 0);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').map(JSON.parse);
  assert.deepEqual(messages(lines), [answer]);
  assert.equal(lines.at(-1).type, 'turn.completed');

  const { lines: piped } = await run(w, w.backend, ['--model', 'fake/huge']);
  assert.deepEqual(messages(piped), [answer]);
  assert.equal(piped.at(-1).type, 'turn.completed');
});

test('a tool that does not exist is an error line, and the run goes on', async (t) => {
  const w = await world(t, [calls('', 'no_such_tool', {}), says('Done anyway.')]);
  const { code, lines } = await run(w, w.backend, ['--model', 'fake/x']);
  assert.equal(code, 0);
  assert.deepEqual(shape(lines).slice(2), ['error', 'item.completed agent_message', 'turn.completed']);
  assert.match(lines[2].message, /no_such_tool/);
});

test("the model's commands know no key, and what they leave behind ends with the run", async (t) => {
  const w = await world(t, [
    COMMAND('env; sleep 300 >/dev/null 2>&1 & echo left=$!'),
    says('Done.'),
  ]);
  const env = { CODEBUFF_BYOK_OPENROUTER: 'dummy-second-key' };
  const { code, lines } = await run(w, w.backend, ['--model', 'fake/x'], { env });
  assert.equal(code, 0);
  const command = lines.find((line) => line.item?.exit_code === 0);
  assert.doesNotMatch(command.item.aggregated_output, /dummy-(second-)?key/);
  const pid = Number(/left=(\d+)/.exec(command.item.aggregated_output)[1]);
  await untilGone(pid);
});

test('a command that takes too long ends with all it started', async (t) => {
  const w = await world(t, [COMMAND('sleep 300 & echo $! > pid; wait', 1), says('It took too long.')]);
  const { code, lines } = await run(w, w.backend, ['--model', 'fake/x']);
  assert.equal(code, 0);
  const command = lines.find((line) => line.type === 'item.completed' && line.item.type === 'command_execution');
  assert.equal(command.item.status, 'failed');
  assert.equal(command.item.exit_code, null, 'how it would have ended is not known');
  assert.match(command.item.aggregated_output, /timed out after 1 seconds/);
  const pid = Number(readFileSync(path.join(w.project, 'pid'), 'utf8'));
  await untilGone(pid);
});

test('code in the project is not run by starting there', async (t) => {
  const w = await world(t, [says('Hello.')], { storeAgent: STORE_AGENT });
  for (const dir of [w.project, w.root, w.home]) {
    mkdirSync(path.join(dir, '.agents'));
    const proof = JSON.stringify(path.join(dir, 'trapped'));
    const trap = `import { writeFileSync } from 'node:fs'; writeFileSync(${proof}, '');`;
    writeFileSync(path.join(dir, '.agents', 'trap.mjs'), trap);
  }
  for (const args of [[], ['--model', 'fake/x'], ['--read-only']]) {
    const { code } = await run(w, w.backend, args);
    assert.equal(code, 0);
  }
  for (const dir of [w.project, w.root, w.home]) assert.ok(!existsSync(path.join(dir, 'trapped')));
});

const STORE_AGENT = {
  version: '0.0.16',
  data: {
    id: 'base',
    publisher: 'codebuff',
    displayName: 'Base',
    model: 'fake/store',
    toolNames: ['read_files'],
    systemPrompt: 'You are the agent of the store.',
    instructionsPrompt: '',
    stepPrompt: '',
    outputMode: 'last_message',
  },
};

test('without a model the agent of the store works, in the cost mode that was asked for', async (t) => {
  const w = await world(t, [says('From the store.')], { storeAgent: STORE_AGENT });
  const { code, lines } = await run(w, w.backend, ['--mode', 'max']);
  assert.equal(code, 0);
  assert.deepEqual(messages(lines), ['From the store.']);
  assert.ok(w.backend.requests.includes('GET /api/v1/agents/codebuff/base/0.0.16'));
  assert.equal(w.backend.asked[0].model, 'fake/store');
  assert.equal(w.backend.asked[0].codebuff_metadata.cost_mode, 'max');
});

test('--cwd is where the work is done', async (t) => {
  const w = await world(t, [EDIT, says('Done.')]);
  const elsewhere = path.join(w.root, 'elsewhere');
  mkdirSync(elsewhere);
  assert.equal((await run(w, w.backend, ['--model', 'fake/x', '--cwd', elsewhere])).code, 0);
  assert.ok(existsSync(path.join(elsewhere, 'hello.py')));
  assert.ok(!existsSync(path.join(w.project, 'hello.py')));
});
