// A clean clone knows no times of earlier runs, and jest would begin with the largest files. What waits for real Terraform and for scripts takes longest; begun
// last, it would leave the other cores idle.
'use strict';
const Sequencer = require('@jest/test-sequencer').default;

const slow = ['/__tests__/terraform/', '/__tests__/cli/command.test.ts', '/__tests__/scripts/'];
const place = ({ path }) => {
  const found = slow.findIndex((part) => path.includes(part));
  return found < 0 ? slow.length : found;
};

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    return [...super.sort(tests)].sort((a, b) => place(a) - place(b));
  }
};
