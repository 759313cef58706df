import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import { helmVersionProblem } from '../../clients/helm/helm';
import { requireHelm } from '../../stacks/helm';

test.each(['v3.17.0', 'v3.22.0\n', 'v3.17.0+g301108e'])('%j is supported', (version) => {
  expect(helmVersionProblem(version)).toBeUndefined();
});

const howToInstall = 'install Helm 3.17 or newer, below 4: https://helm.sh/docs/intro/install/';

test.each([
  ['v3.16.4', 'v3.16.4'],
  ['v4.0.0', 'v4.0.0'],
  ['v2.17.0', 'v2.17.0'],
  ['', 'no version'],
])('%j is not supported', (version, shown) => {
  expect(helmVersionProblem(version)).toBe(
    `helm: found ${shown}, expected at least v3.17 and below v4; ${howToInstall}`,
  );
});

describe('the Helm on PATH', () => {
  const { PATH } = process.env;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'helm-'));
  afterEach(() => {
    process.env.PATH = PATH;
  });
  afterAll(() => fs.rmSync(folder, { recursive: true }));

  test('if it is missing, the error says how to install it', async () => {
    process.env.PATH = '/nonexistent';
    await expect(requireHelm()).rejects.toThrow(new pulumi.RunError(`helm: not found on PATH; ${howToInstall}`));
  });

  test('if it is too old, there is a single error without a stack trace', async () => {
    fs.writeFileSync(path.join(folder, 'helm'), '#!/bin/sh\necho v3.16.4\n', { mode: 0o755 });
    process.env.PATH = `${folder}:${PATH}`;
    const error: unknown = await requireHelm().catch((reason: unknown) => reason);
    expect(pulumi.RunError.isInstance(error)).toBe(true);
    expect((error as Error).message).toBe(`helm: found v3.16.4, expected at least v3.17 and below v4; ${howToInstall}`);
  });
});
