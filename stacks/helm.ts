import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as pulumi from '@pulumi/pulumi';

/** What is wrong with the output of `helm version --template {{.Version}}`; nothing if it will do. */
export function helmProblem(output: string): string | undefined {
  const [, major, minor] = /^v(\d+)\.(\d+)\.\d+/.exec(output.trim()) ?? [];
  if (Number(major) === 3 && Number(minor) >= 17) return undefined;
  return `helm: found ${output.trim() || 'no version'}, expected at least v3.17 and below v4; ${howToGetHelm}`;
}

const howToGetHelm = 'install it with `mise install`, or from https://helm.sh/docs/intro/install/';

/** Throws a `RunError` unless a Helm that can install the core is on PATH: better now than with machines half-way. */
export async function requireHelm(): Promise<void> {
  let output: string;
  try {
    ({ stdout: output } = await promisify(execFile)('helm', ['version', '--template', '{{.Version}}']));
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new pulumi.RunError(
      missing ? `helm: not found on PATH; ${howToGetHelm}` : `helm version failed: ${(error as Error).message}`,
    );
  }
  const problem = helmProblem(output);
  if (problem !== undefined) throw new pulumi.RunError(problem);
}
