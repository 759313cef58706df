// Two projects: `fast` (no process of the lab, no network) and `lab` (the whole platform on loopback).
// Types are checked by `npm run lint`; here they are only taken off.
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
