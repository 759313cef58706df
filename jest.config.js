// Two projects. `fast` starts no lab processes. It needs git, and on its first run Go and the network: it builds
// tools/flux-render and the schemas from pinned modules into the cache. Later runs need neither.
// `lab` runs the whole platform on loopback.
// ts-jest only strips types here; `npm run lint` checks them.
const transform = { '^.+\\.ts$': ['ts-jest', { diagnostics: false }] };
const common = {
  testEnvironment: 'node',
  transform,
  roots: ['<rootDir>/tests'],
  modulePathIgnorePatterns: ['<rootDir>/.lab'],
};

module.exports = {
  reporters: ['default', '<rootDir>/tests/reporter.js'],
  projects: [
    { ...common, displayName: 'fast', testMatch: ['**/*.test.ts'], testPathIgnorePatterns: ['<rootDir>/tests/lab/'] },
    { ...common, displayName: 'lab', testMatch: ['<rootDir>/tests/lab/**/*.test.ts'] },
  ],
};
