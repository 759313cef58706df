import * as pulumi from '@pulumi/pulumi';
import { helmProblem, requireHelm } from '../../stacks/helm';

test.each(['v3.17.0', 'v3.22.0\n', 'v3.17.0+g301108e'])('%j will do', (version) => {
  expect(helmProblem(version)).toBeUndefined();
});

const howToGet = 'install it with `mise install`, or from https://helm.sh/docs/intro/install/';

test.each([
  ['v3.16.4', 'v3.16.4'],
  ['v4.0.0', 'v4.0.0'],
  ['v2.17.0', 'v2.17.0'],
  ['', 'no version'],
])('%j will not', (version, shown) => {
  expect(helmProblem(version)).toBe(`helm: found ${shown}, expected at least v3.17 and below v4; ${howToGet}`);
});

test('a missing Helm says how to get it', async () => {
  const { PATH } = process.env;
  process.env.PATH = '/nonexistent';
  try {
    await expect(requireHelm()).rejects.toThrow(new pulumi.RunError(`helm: not found on PATH; ${howToGet}`));
  } finally {
    process.env.PATH = PATH;
  }
});
