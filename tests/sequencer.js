const { default: Sequencer } = require('@jest/test-sequencer');
const { join } = require('node:path');

/** The files that take longest, the longest first; most of it is other programs. */
const longest = [
  'gitops/validateFixtures.test.ts',
  'sites/sites.test.ts',
  'ownSite.test.ts',
  'labcore/badInput.test.ts',
  'imports.test.ts',
].map((file) => join(__dirname, file));

const { always, sampled } = require('./lab/order.json');
const lab = [...always, ...sampled].map((name) => join(__dirname, 'lab', `${name}.test.ts`));

// Without times of an earlier run, as in CI, jest starts the largest files first. The one that takes longest is small: it
// would start late, and then run alone.
module.exports = class Order extends Sequencer {
  sort(tests) {
    const first = [...longest, ...lab].flatMap((path) => tests.filter((test) => test.path === path));
    return [...first, ...super.sort(tests.filter((test) => !first.includes(test)))];
  }
};
