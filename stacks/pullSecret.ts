import type { BootstrapInputs } from '../cluster/bootstrapInputs';
import type { ClusterDefinition } from '../cluster/definition';
import { placesIn } from '../cluster/keyPath';
import type { Problem } from '../cluster/problems';
import type { StackConfigSource } from '../cluster/stackConfig';

/**
 * What is wrong between the stack and the FluxInstance in Git: the program creates the Secret that Flux reads a private repository
 * with, under the name that the FluxInstance gives it.
 */
export function pullSecretProblems(
  { gitCredentials }: Pick<ClusterDefinition, 'gitCredentials'>,
  { gitPullSecret }: Pick<BootstrapInputs, 'gitPullSecret'>,
  { file, line }: Pick<StackConfigSource, 'file' | 'line'>,
): Problem[] {
  if ((gitCredentials === undefined) === (gitPullSecret === undefined)) return [];
  const where = placesIn(file, (path) => line?.(path))('gitCredentials');
  if (gitPullSecret === undefined) {
    const expected = 'a FluxInstance that names their Secret, or Flux could not read the repository';
    const fix = 'add sync.pullSecret to the values of the HelmRelease flux-instance, such as git-credentials';
    return [{ where, found: 'credentials', expected, fix }];
  }
  const expected = `the credentials for Secret ${gitPullSecret}, which sync.pullSecret of the FluxInstance names`;
  return [{ where, found: 'nothing', expected, fix: 'add them (docs/private-git.md), or remove sync.pullSecret' }];
}
