import type { MachineSecrets } from '../../../clients/talos/secretsBundle';
import { base64, TestAuthority } from './pki';

/** Machine secrets with a working machine CA; everything else is text with `name` in it. */
export async function testSecrets(name: string): Promise<{ secrets: MachineSecrets; authority: TestAuthority }> {
  const authority = await TestAuthority.create(name);
  const other = { cert: base64(`${name} certificate`), key: base64(`${name} key`) };
  const secrets = {
    certs: {
      etcd: other,
      k8s: other,
      k8sAggregator: other,
      k8sServiceaccount: { key: other.key },
      os: await authority.encoded(),
    },
    cluster: { id: `${name}-id`, secret: `${name}-secret` },
    secrets: { bootstrapToken: `${name}.bootstrap`, secretboxEncryptionSecret: `${name}-secretbox` },
    trustdinfo: { token: `${name}.trustd` },
  };
  return { secrets, authority };
}
