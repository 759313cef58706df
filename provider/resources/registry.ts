import { bootstrapRelease } from './bootstrapRelease';
import { customResourceDefinitions } from './customResourceDefinitions';
import { etcdBootstrap } from './etcdBootstrap';
import { handover } from './handover';
import { implement, type AnyImplementation } from '../engine/implementation';
import { vaultCertificateAuthority } from './generatedCertificateAuthority';
import { vaultItem } from './onePasswordItem';
import { vaultSecret } from './generatedSecret';

/** Every resource type by its token. resources.ts has the classes that a program uses. */
export const registry: Record<string, AnyImplementation> = {
  'platform:index:EtcdBootstrap': implement(etcdBootstrap),
  'platform:index:CustomResourceDefinitions': implement(customResourceDefinitions),
  'platform:index:BootstrapRelease': implement(bootstrapRelease),
  'platform:index:Handover': implement(handover),
  'platform:index:VaultCertificateAuthority': implement(vaultCertificateAuthority),
  'platform:index:VaultItem': implement(vaultItem),
  'platform:index:VaultSecret': implement(vaultSecret),
};
