// Sessions: that one can be continued, who can read it, and what is no session.

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { directory, load, save } from '../src/sessions.mjs';
import { calls, refuses, says, startBackend } from './support/backend.mjs';
import { makeWorld, messages, run } from './support/run.mjs';

test('a session goes on under its own id, knowing what was said', async (t) => {
  const w = makeWorld(t);
  const backend = await startBackend([says('ok banana'), refuses(401, 'no'), says('banana again')]);
  t.after(() => backend.stop());
  const first = await run(w, backend, ['--model', 'fake/x'], { prompt: 'Remember banana.' });
  const id = first.lines[0].thread_id;
  const file = path.join(w.sessions, `${id}.json`);
  assert.equal(statSync(w.sessions).mode & 0o777, 0o700);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(w.sessions), [`${id}.json`], 'nothing is left beside it');

  // A turn that fails leaves a session that can be continued.
  const resume = ['--model', 'fake/x', '--resume', id];
  assert.equal((await run(w, backend, resume)).code, 1);
  const again = await run(w, backend, resume, { prompt: 'What was it?' });
  assert.equal(again.code, 0);
  assert.equal(again.lines[0].thread_id, id);
  assert.deepEqual(messages(again.lines), ['banana again'], 'only what is new');
  const said = JSON.stringify(backend.asked[2].messages);
  for (const part of ['Remember banana.', 'ok banana', 'What was it?']) assert.ok(said.includes(part), part);
});

test('it is continued where it is wanted, also read-only', async (t) => {
  const w = makeWorld(t);
  const write = calls('', 'write_file', { path: 'a.txt', instructions: 'x', content: 'x' });
  const backend = await startBackend([write, says('Written.'), write, says('Not written.')]);
  t.after(() => backend.stop());
  const first = await run(w, backend, ['--model', 'fake/x']);
  const other = path.join(w.root, 'other');
  mkdirSync(other);
  const args = ['--model', 'fake/x', '--read-only', '--cwd', other, '--resume', first.lines[0].thread_id];
  assert.equal((await run(w, backend, args)).code, 0);
  assert.deepEqual(readdirSync(other), []);
});

test('what is no session is refused', (t) => {
  const { root, sessions } = makeWorld(t);
  const refused = (id, pattern) => assert.throws(() => load(sessions, id), { code: 2, message: pattern });
  const long = `cb-${'a'.repeat(65)}`;
  for (const id of ['', 'x', 'cb-', '../cb-a', 'cb-../a', 'cb-a/b', 'cb-a\0', long, 'cb-A', 'cb-a.json']) {
    refused(id, /no session of aid-codebuff/);
  }
  refused('cb-none', /there is none/);
  save(sessions, 'cb-a', { mainAgentState: {} });
  assert.deepEqual(load(sessions, 'cb-a'), { mainAgentState: {} });
  const file = path.join(sessions, 'cb-b.json');
  const stranger = '{"format":1,"id":"cb-a","sessionState":{}}';
  for (const text of ['', '{', '[]', 'null', stranger, '{"format":2,"id":"cb-b"}']) {
    writeFileSync(file, text);
    refused('cb-b', /damaged/);
  }
  truncateSync(file, 65 << 20);
  refused('cb-b', /larger than 64 MiB/);
  mkdirSync(path.join(sessions, 'cb-dir.json'));
  refused('cb-dir', /no file/);
  save(root, 'cb-link', {});
  symlinkSync(path.join(root, 'cb-link.json'), path.join(sessions, 'cb-link.json'));
  refused('cb-link', /cannot resume/);
});

test('sessions are where they are said to be, and their number has an end', (t) => {
  assert.equal(directory({ CODEBUFF_AID_STATE: '/some/where' }), '/some/where');
  assert.ok(directory({}).endsWith(path.join('.config', 'aid-codebuff', 'sessions')));
  assert.throws(() => directory({ CODEBUFF_AID_STATE: 'some/where' }), /absolute/);
  const { sessions } = makeWorld(t);
  for (let number = 0; number < 505; number++) save(sessions, `cb-${number}`, {});
  assert.equal(readdirSync(sessions).length, 500);
  load(sessions, 'cb-504');
});

test('a session that cannot be kept is said, and the work still counts', async (t) => {
  const w = makeWorld(t);
  writeFileSync(w.sessions, 'in the way');
  const backend = await startBackend([says('Done.')]);
  t.after(() => backend.stop());
  const { code, lines } = await run(w, backend, ['--model', 'fake/x']);
  assert.equal(code, 0);
  const warning = lines.find((line) => line.item?.type === 'error');
  assert.match(warning.item.message, /cannot be resumed/);
  assert.deepEqual(messages(lines), ['Done.']);
});
