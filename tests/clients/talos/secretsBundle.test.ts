import { formatSecretsFile, parseSecretsFile } from '../../../clients/talos/secretsBundle';
import { testSecrets } from '../support/machineSecrets';

// As `talosctl gen secrets` of Talos 1.11 prints it, indented with four spaces.
const file = `cluster:
    id: aWQ=
    secret: c2VjcmV0
secrets:
    bootstraptoken: abcdef.0123456789abcdef
    secretboxencryptionsecret: Ym94
trustdinfo:
    token: fedcba.fedcba9876543210
certs:
    etcd:
        crt: ZXRjZC1jcnQ=
        key: ZXRjZC1rZXk=
    k8s:
        crt: azhzLWNydA==
        key: azhzLWtleQ==
    k8saggregator:
        crt: YWdnLWNydA==
        key: YWdnLWtleQ==
    k8sserviceaccount:
        key: c2Eta2V5
    os:
        crt: b3MtY3J0
        key: b3Mta2V5
`;

test('reads what talosctl writes', () => {
  expect(parseSecretsFile(file)).toEqual({
    certs: {
      etcd: { cert: 'ZXRjZC1jcnQ=', key: 'ZXRjZC1rZXk=' },
      k8s: { cert: 'azhzLWNydA==', key: 'azhzLWtleQ==' },
      k8sAggregator: { cert: 'YWdnLWNydA==', key: 'YWdnLWtleQ==' },
      k8sServiceaccount: { key: 'c2Eta2V5' },
      os: { cert: 'b3MtY3J0', key: 'b3Mta2V5' },
    },
    cluster: { id: 'aWQ=', secret: 'c2VjcmV0' },
    secrets: { bootstrapToken: 'abcdef.0123456789abcdef', secretboxEncryptionSecret: 'Ym94' },
    trustdinfo: { token: 'fedcba.fedcba9876543210' },
  });
});

test('reads what it writes, with the secret of an older Talos, too', async () => {
  const { secrets } = await testSecrets('east');
  expect(parseSecretsFile(formatSecretsFile(secrets))).toEqual(secrets);
  const older = { ...secrets, secrets: { ...secrets.secrets, aescbcEncryptionSecret: 'YWVz' } };
  expect(parseSecretsFile(formatSecretsFile(older))).toEqual(older);
});

test.each([
  ['not YAML', 'a: [', 'is not YAML'],
  ['a text', 'top secret', 'is not a secrets.yaml of Talos: the file is missing'],
  ['SOPS', `${file}sops:\n  version: 3.9.0\n`, 'is encrypted with SOPS; decrypt it first (sops --decrypt)'],
  [
    'without parts',
    file
      .replace('    token: fedcba.fedcba9876543210\n', '    token: ""\n')
      .replace('crt: b3MtY3J0', 'crt: "top secret!"'),
    'is not a secrets.yaml of Talos: trustdinfo.token is empty, certs.os.crt is not base64',
  ],
])('refuses a file that is %s, and quotes nothing', (_, text, problem) => {
  expect(parseSecretsFile(text)).toEqual({ problem });
});
