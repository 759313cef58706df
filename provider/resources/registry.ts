import { implement, type AnyImplementation } from '../engine/implementation';
import { bootstrapRelease } from './bootstrapRelease';
import { clusterNodes } from './clusterNodes';
import { customResourceDefinitions } from './customResourceDefinitions';
import { etcdBootstrap } from './etcdBootstrap';
import { generatedCertificateAuthority } from './generatedCertificateAuthority';
import { generatedSecret } from './generatedSecret';
import { handover } from './handover';
import { machineConfiguration } from './machineConfiguration';
import { machineSecrets } from './machineSecrets';
import { kubernetesVersion } from './kubernetesVersion';
import { machineSystem } from './machineSystem';
import { onePasswordItem } from './onePasswordItem';
import { phaseStart } from './phaseStart';
import { talosIdentity } from './talosIdentity';
import { formerTokens, tokens } from './tokens';
import { tunnel } from './tunnel';

const current: Record<string, AnyImplementation> = {
  [tokens.machineSystem]: implement(machineSystem),
  [tokens.kubernetesVersion]: implement(kubernetesVersion),
  [tokens.etcdBootstrap]: implement(etcdBootstrap),
  [tokens.clusterNodes]: implement(clusterNodes),
  [tokens.machineConfiguration]: implement(machineConfiguration),
  [tokens.customResourceDefinitions]: implement(customResourceDefinitions),
  [tokens.bootstrapRelease]: implement(bootstrapRelease),
  [tokens.handover]: implement(handover),
  [tokens.generatedCertificateAuthority]: implement(generatedCertificateAuthority),
  [tokens.generatedSecret]: implement(generatedSecret),
  [tokens.machineSecrets]: implement(machineSecrets),
  [tokens.talosIdentity]: implement(talosIdentity),
  [tokens.onePasswordItem]: implement(onePasswordItem),
  [tokens.tunnel]: implement(tunnel),
  [tokens.phaseStart]: implement(phaseStart),
};

/**
 * Implementations by type token; sdk.ts has the classes for the program. Includes the former tokens: a resource that
 * was removed from the program before its type was renamed is deleted under the token in its state.
 */
export const registry: Readonly<Record<string, AnyImplementation>> = {
  ...current,
  ...Object.fromEntries(
    Object.entries(formerTokens).flatMap(([former, token]) => {
      const implementation = current[token];
      return implementation === undefined ? [] : [[former, implementation]];
    }),
  ),
};
