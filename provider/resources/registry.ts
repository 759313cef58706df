import { bootstrapRelease } from './bootstrapRelease';
import { customResourceDefinitions } from './customResourceDefinitions';
import { etcdBootstrap } from './etcdBootstrap';
import { handover } from './handover';
import { implement, type AnyImplementation } from '../engine/implementation';
import { generatedCertificateAuthority } from './generatedCertificateAuthority';
import { onePasswordItem } from './onePasswordItem';
import { formerTokens, tokens } from './tokens';
import { generatedSecret } from './generatedSecret';

const current: Record<string, AnyImplementation> = {
  [tokens.etcdBootstrap]: implement(etcdBootstrap),
  [tokens.customResourceDefinitions]: implement(customResourceDefinitions),
  [tokens.bootstrapRelease]: implement(bootstrapRelease),
  [tokens.handover]: implement(handover),
  [tokens.generatedCertificateAuthority]: implement(generatedCertificateAuthority),
  [tokens.generatedSecret]: implement(generatedSecret),
  [tokens.onePasswordItem]: implement(onePasswordItem),
};

/**
 * Every resource type by its token; sdk.ts has the classes that a program uses. Former tokens are in it because a
 * resource that left the program before its type was renamed is deleted under the token its state holds.
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
