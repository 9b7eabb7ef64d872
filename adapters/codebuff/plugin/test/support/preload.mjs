// Loaded before the product: sends what is meant for codebuff's backend to a server of the test, and writes down and
// refuses what is meant for anybody else.

import { appendFileSync } from 'node:fs';

const real = globalThis.fetch;
const { TEST_BACKEND, TEST_STRAYS } = process.env;

globalThis.fetch = (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input);
  if (url.origin !== 'https://www.codebuff.com') {
    appendFileSync(TEST_STRAYS, `${url}\n`);
    throw new TypeError('no network in tests');
  }
  return real(new URL(url.pathname + url.search, TEST_BACKEND), init);
};
