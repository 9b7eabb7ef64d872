// A read-only run writes nothing and starts nothing but a search, whatever the model asks for.

import assert from 'node:assert/strict';
import childProcess from 'node:child_process';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { chosen } from '../src/agent.mjs';
import { guardChildren } from '../src/children.mjs';
import { calls, says, startBackend } from './support/backend.mjs';
import { makeWorld, messages, run } from './support/run.mjs';

const contents = (dir) => readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort();

test('reading works, and every way to write is refused', async (t) => {
  const w = makeWorld(t);
  const patch = { type: 'create_file', path: 'c.txt', diff: '@@\n+x\n' };
  const backend = await startBackend([
    calls('', 'read_files', { paths: ['hello.txt'] }),
    calls('', 'list_directory', { path: '.' }),
    calls('', 'glob', { pattern: '*.txt' }),
    calls('', 'code_search', { pattern: 'hello', flags: "-i -g '*.txt'" }),
    calls('', 'write_file', { path: 'a.txt', instructions: 'x', content: 'x' }),
    calls('', 'str_replace', { path: 'hello.txt', replacements: [{ old: 'hello', new: 'x', allowMultiple: false }] }),
    calls('', 'apply_patch', { operation: patch }),
    calls('', 'run_terminal_command', { command: 'touch b.txt', process_type: 'SYNC', timeout_seconds: 5 }),
    calls('', 'code_search', { pattern: 'hello', flags: '--pre=./evil' }),
    calls('', 'spawn_agents', { agents: [{ agent_type: 'codebuff/base@0.0.16', prompt: 'write' }] }),
    says('I could only read.'),
  ]);
  t.after(() => backend.stop());
  const before = contents(w.project);
  const { code, lines } = await run(w, backend, ['--read-only', '--model', 'fake/x']);
  assert.equal(code, 0);
  assert.deepEqual(messages(lines), ['I could only read.']);
  assert.deepEqual(contents(w.project), before);
  assert.equal(readFileSync(path.join(w.project, 'hello.txt'), 'utf8'), 'hello file\n');
  const tools = lines.filter((line) => line.type === 'item.completed' && line.item.tool);
  assert.deepEqual(tools.map((line) => `${line.item.tool} ${line.item.status}`), [
    'read_files completed',
    'list_directory completed',
    'glob completed',
    'code_search completed',
    'code_search failed',
  ]);
  assert.match(JSON.stringify(backend.asked[4].messages), /hello\.txt/, 'the search found it');
  assert.equal(lines.filter((line) => line.type === 'error').length, 5, 'tools that are not there');
  assert.deepEqual(
    backend.asked[0].tools.map((tool) => tool.function.name).sort(),
    ['code_search', 'glob', 'list_directory', 'read_files'],
  );
});

test('it is refused for an agent whose code comes from elsewhere', async (t) => {
  const w = makeWorld(t);
  const { code, stdout, stderr } = await run(w, undefined, ['--read-only', '--agent', 'codebuff/base@0.0.16']);
  assert.equal(code, 2);
  assert.equal(stdout, '');
  assert.match(stderr, /cannot be promised/);
});

// Last, because it puts up the walls in this process.
test('the walls hold one by one', async (t) => {
  const { overrideTools, fsSource, agentDefinitions, agent } = chosen({ readOnly: true });
  assert.equal(agentDefinitions.length, 1);
  assert.equal(agentDefinitions[0].id, agent);
  for (const tool of ['write_file', 'str_replace', 'apply_patch', 'run_terminal_command']) {
    await assert.rejects(overrideTools[tool]({}), /may only read/);
  }
  const files = fsSource();
  const w = makeWorld(t);
  const file = path.join(w.project, 'hello.txt');
  assert.equal(await files.readFile(file, 'utf8'), 'hello file\n');
  const writings = ['writeFile', 'appendFile', 'open', 'unlink', 'rm', 'rename', 'mkdir', 'cp', 'truncate', 'chmod'];
  for (const call of writings) {
    await assert.rejects(files[call](file, 'x'), /may only read/, call);
  }

  const rg = path.join(w.root, 'node_modules', '@codebuff', 'sdk', 'dist', 'rg');
  cpSync('/bin/true', rg);
  guardChildren({ readOnly: true });
  const { spawn, exec, execFile, execFileSync, fork } = childProcess;
  const flags = [['--pre', 'x'], ['--pre=x'], ['--hostname-bin=x'], ['-z'], ['-iz'], ['--search-zip'], ['-f', 'x']];
  for (const more of flags) {
    assert.throws(() => spawn(rg, ['--json', ...more, '--', 'x', '.']), /may only read/, String(more));
  }
  assert.throws(() => spawn(rg, ['--', 'x'], { shell: true }), /may only read/);
  assert.throws(() => spawn('bash', ['-c', 'true']), /may only read/);
  assert.throws(() => spawn('git', ['status']), /may only read/);
  for (const other of [exec, execFile, execFileSync, fork]) assert.throws(() => other('true'), /may only read/);
  const search = spawn(rg, ['--no-config', '-n', '--json', '-i', '-g*.ts', '-C', '3', '--', '--pre=x', '.']);
  assert.equal((await new Promise((ended) => search.once('exit', (code) => ended(code)))), 0);
});
