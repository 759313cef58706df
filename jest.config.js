// Two projects. `fast` starts no lab processes. It needs git, and on its first run Go and the network: it builds
// tools/flux-render and the schemas from pinned modules into the cache. Later runs need neither.
// `lab` runs the whole platform on loopback.
// swc only strips types; `npm run lint` checks them.
const { target } = require('./tsconfig.json').compilerOptions;

const transform = {
  '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: target.toLowerCase() } }],
};
const common = {
  testEnvironment: 'node',
  transform,
  roots: ['<rootDir>/tests'],
  modulePathIgnorePatterns: ['<rootDir>/.lab'],
};

module.exports = {
  // By default jest leaves a core to the user, who waits for it.
  maxWorkers: '100%',
  // A busy machine must not fail a test.
  testTimeout: 60_000,
  testSequencer: '<rootDir>/tests/sequencer.js',
  reporters: ['default', '<rootDir>/tests/reporter.js'],
  projects: [
    { ...common, displayName: 'fast', testMatch: ['**/*.test.ts'], testPathIgnorePatterns: ['<rootDir>/tests/lab/'] },
    {
      ...common,
      displayName: 'lab',
      testMatch: ['<rootDir>/tests/lab/**/*.test.ts'],
      globalSetup: '<rootDir>/tests/lab/globalSetup.ts',
    },
  ],
};
