import { join } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import { runCommand } from '../clients/process/runCommand';
import { messageOf } from '../clients/userError';
import { consequences, type Validation, validationOf } from './validation';

/** Set to anything, it makes `up` continue although validate finds errors. */
export const ignoreVariable = 'K8S_GITOPS_IGNORE_FINDINGS';

const timeoutSeconds = 120;

/**
 * Runs the cluster's part of `npm run validate` on the files that this run reads, before anything changes. Warnings are shown, and
 * errors stop an update, but not a preview. Where validate cannot run, it says why and goes on: production needs neither Go nor
 * the network for it. Takes a second or two.
 * @returns the errors that `ignoreVariable` made it ignore
 * @throws RunError with every error, if it is an update
 */
export async function requireValid(cluster: string, root: string, isPreview: boolean): Promise<readonly string[]> {
  const isIgnored = Boolean(process.env[ignoreVariable]);
  const { warnings, infos, refusal, ignored } = consequences(cluster, await validate(cluster, root), {
    isPreview,
    isIgnored,
    ignoreVariable,
  });
  await Promise.all([...infos.map((text) => pulumi.log.info(text)), ...warnings.map((text) => pulumi.log.warn(text))]);
  if (refusal !== undefined) throw new pulumi.RunError(refusal);
  return ignored;
}

/** Validate runs as a process of its own: `cli/` is not part of the program. */
async function validate(cluster: string, root: string): Promise<Validation> {
  const program = join(__dirname, '..', 'bin', 'validate');
  try {
    const result = await runCommand({
      file: process.execPath,
      args: [program, '--root', root, '--cluster', cluster, '--json', '--no-build'],
      env: withoutSecrets(process.env),
      signal: AbortSignal.timeout(timeoutSeconds * 1000),
    });
    return validationOf(result);
  } catch (error) {
    return { reason: messageOf(error) };
  }
}

/** What validate needs of the environment. Its output is shown, so it gets no token and no passphrase. */
function withoutSecrets(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = ['PATH', 'HOME', 'XDG_CACHE_HOME', 'TMPDIR', 'LANG'];
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}
