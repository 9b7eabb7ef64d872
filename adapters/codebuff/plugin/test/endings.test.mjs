// How runs that do not go well end, and that none of them looks like one that does.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';

import { breaksOff, calls, hangs, refuses, says, startBackend } from './support/backend.mjs';
import { LOOK_MS, makeWorld, messages, run, shape, start, strays, untilGone } from './support/run.mjs';

async function world(test, answers, options) {
  const made = makeWorld(test);
  const backend = await startBackend(answers, options);
  test.after(() => backend.stop());
  return { ...made, backend };
}

const STOP = { process_type: 'SYNC', timeout_seconds: 300 };

test('a refusal of the provider is a failed turn with its status, without a stack', async (t) => {
  const cases = [
    [401, 'Incorrect API key provided: dummy'],
    [402, 'Insufficient credits'],
    [404, 'The model `x` does not exist'],
    [400, "This model's maximum context length is 128000 tokens."],
    [500, 'The server had an error'],
  ];
  for (const [status, message] of cases) {
    const w = await world(t, [refuses(status, message)]);
    const { code, stderr, lines } = await run(w, w.backend, ['--model', 'fake/err']);
    assert.equal(code, 1);
    assert.equal(stderr, '', 'what the SDK prints has requests in it');
    assert.deepEqual(shape(lines), ['thread.started', 'turn.started', 'turn.failed']);
    const { error } = lines.at(-1);
    assert.equal(error.status, status);
    assert.equal(error.message.replace(/^Agent run error: (Failed after 4 attempts. Last error: )?/, ''), message);
  }
});

test('a key that the backend does not know is a failed turn with status 401', async (t) => {
  const w = await world(t, [says('never')], { keyIsGood: false });
  const { code, lines } = await run(w, w.backend, ['--model', 'fake/x']);
  assert.equal(code, 1);
  assert.deepEqual(lines.at(-1), { type: 'turn.failed', error: { message: 'Authentication failed', status: 401 } });
});

test('without a key nothing begins, and stderr says what to do', async (t) => {
  for (const CODEBUFF_API_KEY of ['', ' ']) {
    const w = makeWorld(t);
    const { code, stdout, stderr } = await run(w, undefined, [], { env: { CODEBUFF_API_KEY } });
    assert.equal(code, 77);
    assert.equal(stdout, '');
    assert.match(stderr, /export CODEBUFF_API_KEY/);
    assert.equal(strays(w), '');
  }
});

test('an agent that is not in the store is a failure', async (t) => {
  const w = await world(t, [says('never')]);
  const { code, lines } = await run(w, w.backend, ['--agent', 'nobody/nothing@1.0.0']);
  assert.equal(code, 1);
  assert.match(lines.at(-1).error.message, /^Invalid agent ID: "nobody\/nothing@1.0.0"/);
});

test('reaching the step limit is a failure, ending on the last step is not', async (t) => {
  const again = calls('Again.', 'read_files', { paths: ['hello.txt'] });
  const w = await world(t, [again]);
  const { code, lines } = await run(w, w.backend, ['--model', 'fake/x', '--max-steps', '3']);
  assert.equal(code, 1);
  assert.equal(w.backend.asked.length, 3);
  assert.match(lines.at(-1).error.message, /^the step limit was reached/);
  assert.ok(!shape(lines).includes('turn.completed'));

  const enough = await world(t, [again, again, says('Done.')]);
  assert.equal((await run(enough, enough.backend, ['--model', 'fake/x', '--max-steps', '3'])).code, 0);
});

test('half an answer is no answer', async (t) => {
  const cases = [
    [breaksOff('I have alm'), /broke off/],
    [says('I have alm', 'length'), /length limit/],
    [says('I have alm', 'content_filter'), /content filter/],
  ];
  for (const [answer, reason] of cases) {
    const w = await world(t, [answer]);
    const { code, lines } = await run(w, w.backend, ['--model', 'fake/x']);
    assert.equal(code, 1);
    assert.deepEqual(messages(lines), ['I have alm'], 'it is shown');
    assert.match(lines.at(-1).error.message, reason);
  }
});

test('an empty last answer does not pass for the words before it', async (t) => {
  const w = await world(t, [calls('I start.', 'read_files', { paths: ['hello.txt'] }), says('')]);
  const { code, lines } = await run(w, w.backend, ['--model', 'fake/x']);
  assert.equal(code, 0);
  assert.deepEqual(messages(lines), ['I start.', '']);

  const nothing = await world(t, [says('')]);
  const silent = await run(nothing, nothing.backend, ['--model', 'fake/x']);
  assert.equal(silent.code, 1);
  assert.deepEqual(messages(silent.lines), []);
});

/** Resolves with the match once the child's output has it. */
function untilSaid(child, pattern) {
  let seen = '';
  return new Promise((resolve) => {
    child.stdout.on('data', (chunk) => {
      seen += chunk;
      const match = pattern.exec(seen);
      if (match) resolve(match);
    });
  });
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
  test(`${signal} ends the run and its commands, by the signal and without a mark`, async (t) => {
    // Ignores the polite signal, as some do, and has a child of its own.
    const command = "trap '' TERM INT HUP; sleep 300 & echo $! > pid; mkfifo told; echo > told; wait";
    const w = await world(t, [calls('I wait.', 'run_terminal_command', { command, ...STOP })]);
    const { child, ended } = start(w, w.backend, ['--model', 'fake/x']);
    await untilSaid(child, /"item.started".*command_execution/);
    // Opening the pipe waits for the command to be there.
    let told;
    while (!told) told = await open(path.join(w.project, 'told')).catch(() => sleep(LOOK_MS));
    await told.close();
    const pid = Number(readFileSync(path.join(w.project, 'pid'), 'utf8'));
    child.kill(signal);
    const end = await ended;
    assert.deepEqual([end.code, end.signal], [null, signal]);
    assert.doesNotMatch(end.stdout, /turn\.(completed|failed)/);
    assert.deepEqual(messages(end.lines), ['I wait.']);
    await untilGone(pid);

    // What was there by then can be continued.
    const later = await startBackend([says('Continued.')]);
    t.after(() => later.stop());
    const again = await run(w, later, ['--model', 'fake/x', '--resume', end.lines[0].thread_id]);
    assert.deepEqual([again.code, messages(again.lines)], [0, ['Continued.']]);
  });
}

test('a signal ends a run that waits for the model', async (t) => {
  const w = await world(t, [hangs('I think')]);
  const { child, ended } = start(w, w.backend, ['--model', 'fake/x']);
  await w.backend.untilAsked(1);
  child.kill('SIGTERM');
  const end = await ended;
  assert.equal(end.signal, 'SIGTERM');
  assert.doesNotMatch(end.stdout, /turn\.(completed|failed)/);
});

test('a reader that goes away ends the run', async (t) => {
  const read = calls('More.', 'read_files', { paths: ['hello.txt'] });
  const w = await world(t, [read]);
  const { child, ended } = start(w, w.backend, ['--model', 'fake/x', '--max-steps', '10000']);
  await untilSaid(child, /"turn.started"/);
  child.stdout.destroy();
  const end = await ended;
  assert.equal(end.code, 1);
  assert.match(end.stderr, /cannot write to stdout/);
});

test('a command line that cannot be meant is refused before anything begins', async (t) => {
  const cases = [
    ['--nope'],
    ['--model'],
    ['--model', '--read-only'],
    ['--model', ''],
    ['--model', 'a', '--model', 'b'],
    ['--model', 'a', '--agent', 'b/c'],
    ['--mode', 'lavish'],
    ['--max-steps', '0'],
    ['--max-steps', '1e3'],
    ['--cwd', '/no/such/directory'],
    ['--resume', '../../etc/passwd'],
    ['--resume', 'cb-none'],
    ['constructor', 'x'],
    ['words'],
  ];
  for (const args of cases) {
    const w = makeWorld(t);
    const { code, stdout, stderr } = await run(w, undefined, args);
    assert.equal(code, 2, args.join(' '));
    assert.equal(stdout, '');
    assert.match(stderr, /^aid-codebuff: /);
  }
  const w = makeWorld(t);
  const { code, stderr } = await run(w, undefined, [], { prompt: ' \n' });
  assert.equal(code, 2);
  assert.match(stderr, /prompt on stdin is empty/);
});
