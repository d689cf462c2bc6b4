// Jest's globalTeardown, also after a failing run: removes what set-up.cjs has made. $FLOTILLA_KEEP_LABS keeps it, and says where it is.
'use strict';
const fs = require('node:fs');

module.exports = () => {
  const folder = process.env.FLOTILLA_TESTS_TMPDIR;
  if (process.env.FLOTILLA_KEEP_LABS) return console.log(`kept: ${folder}`);
  // Something that a test has started may write for another moment.
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
};
