// Jest's globalSetup: a folder of the run's own for all that tests, and what they start, put into $TMPDIR. Workers are started after it and inherit it.
'use strict';
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

module.exports = () => {
  // A short name, because sockets are made in it.
  process.env.TMPDIR = fs.mkdtempSync(path.join(os.tmpdir(), 'ft-'));
  process.env.FLOTILLA_TESTS_TMPDIR = process.env.TMPDIR;
};
