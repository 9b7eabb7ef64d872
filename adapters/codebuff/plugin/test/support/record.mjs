// Records runs against the backend of the tests, for the adapter: `node test/support/record.mjs DIRECTORY` writes
// NAME.stdout, NAME.stderr and NAME.run.json. Must not judge them.

import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { breaksOff, calls, refuses, says, startBackend } from './backend.mjs';
import { makeWorld, start } from './run.mjs';

process.setMaxListeners(0);
const [directory] = process.argv.slice(2);
const MODEL = ['--model', 'fake/plain'];

const edit = (path_, old, new_) =>
  calls('', 'str_replace', { path: path_, replacements: [{ old, new: new_, allowMultiple: false }] });
const command = (text, line) =>
  calls(text, 'run_terminal_command', { command: line, process_type: 'SYNC', timeout_seconds: 30 });
const write = calls('I will create the file.', 'write_file', {
  path: 'hello.py',
  instructions: 'write the file',
  content: "print('hello')\n",
});
const read = calls('', 'read_files', { paths: ['hello.txt'] });

const MARKERS = `[MILESTONE] created hello.py
[FINDING] src/a.py:3 off-by-one — naïve “loop” 漢字 🚀
[MEMORY: fact] the build uses make, not ninja
keep ANSI \u001b[31mred\u001b[0m and tab\there\r
zero-width:\u200b rtl:\u202e nul:\u0000 emoji:👩‍💻
Done.`;

await record('plain', [says('Hello from the fake model. 2+2=4.')]);
await record('edit', [
  write,
  command('Now I run it.', 'cat hello.py && echo ran-ok'),
  calls('', 'read_files', { paths: ['hello.py'] }),
  edit('hello.py', "print('hello')", "print('hello, world')"),
  says('[MILESTONE] hello.py created and edited.\nAll done.'),
]);
await record('markers', [says(MARKERS)]);
await record('commands', [
  command('', 'echo oops >&2; exit 3'),
  edit('hello.txt', 'no such text', 'x'),
  read,
  says('The command failed.'),
]);
await record('unknown_tool', [calls('', 'no_such_tool', {}), says('Done without it.')]);
await record('max_steps', [read], { args: ['--max-steps', '3'] });
await record('empty_answer', [calls('I start.', 'read_files', { paths: ['hello.txt'] }), says('')]);
await record('length', [says('I have alm', 'length')]);
await record('truncated_stream', [breaksOff('I have alm')]);
await record('err402', [refuses(402, 'Insufficient credits')]);
await record('err404', [refuses(404, 'The model `fake/plain` does not exist')]);
await record('err429', [refuses(429, 'Rate limit reached for requests')]);
await record('err500', [refuses(500, 'The server had an error')]);
await record('bad_key', [says('never')], { backend: { keyIsGood: false } });
await record('no_key', [says('never')], { env: { CODEBUFF_API_KEY: '' } });
await record('no_such_session', [says('never')], { args: ['--resume', 'cb-none'] });
await record('bad_flag', [says('never')], { args: ['--nope'] });
await record('sigterm', [command('I wait.', 'sleep 300')], { signal: 'SIGTERM' });
const world = await record('resume_1_first', [says('ok banana')]);
await record('resume_2_by_id', [says('banana')], { world, args: ['--resume', world.id] });

async function record(name, answers, { args = [], backend, env, signal, world } = {}) {
  const made = world ?? makeWorld({ after: (work) => process.on('exit', work) });
  const server = await startBackend(answers, backend);
  const argv = [...MODEL, ...args];
  const { child, ended } = start(made, server, argv, { env });
  if (signal) {
    let seen = '';
    child.stdout.on('data', (chunk) => {
      seen += chunk;
      if (seen.includes('"item.started"')) child.kill(signal);
    });
  }
  const end = await ended;
  server.stop();
  const run = { name, argv: ['aid-codebuff', ...argv], exit_code: end.code };
  if (end.signal) Object.assign(run, { exit_code: -15, exit_code_meaning: 'signal' });
  writeFileSync(path.join(directory, `${name}.stdout`), end.stdout);
  writeFileSync(path.join(directory, `${name}.stderr`), end.stderr.replaceAll(made.root, '/tmp/world'));
  writeFileSync(path.join(directory, `${name}.run.json`), `${JSON.stringify(run, null, 1)}\n`);
  return { ...made, id: end.lines[0]?.thread_id };
}
