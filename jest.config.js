// Two projects: `fast` (no process of the lab, no network) and `lab` (the whole platform on loopback).
const transform = {
  '^.+\\.ts$': [
    '@swc/jest',
    { jsc: { parser: { syntax: 'typescript', decorators: true }, target: 'es2022' }, module: { type: 'commonjs' } },
  ],
};
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
