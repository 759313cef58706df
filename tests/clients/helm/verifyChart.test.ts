import { verifyChart } from '../../../clients/helm/verifyChart';
import { FakeTool } from '../support/fakeTool';

const chart = { chartUrl: 'oci://ghcr.io/charts/app', version: '1.2.3+build' };
const signers = [
  { issuer: '^https://a$', subject: '^https://x/one$' },
  { issuer: '^https://a$', subject: '^https://x/two$' },
];
const { signal } = new AbortController();
let cosign: FakeTool | undefined;
afterEach(() => {
  cosign?.remove();
  cosign = undefined;
});

const accepts = (subject: string): string =>
  `printf '%s\\n' "$@" >> "$DIR/args"\n[ "$5" = '${subject}' ] && exit 0\necho "no matching signatures: $5" >&2; exit 1`;

test('without accepted signers, cosign is not run', async () => {
  cosign = new FakeTool('cosign', accepts('no one'));
  await verifyChart(chart, signal);
  expect(cosign.read('args')).toBe('');
});

test('a signature by one of the accepted signers is enough', async () => {
  cosign = new FakeTool('cosign', accepts('^https://x/two$'));
  await verifyChart({ ...chart, signedBy: signers }, signal);
  const expected = (subject: string): string[] => [
    ...['verify', '--certificate-oidc-issuer-regexp', '^https://a$', '--certificate-identity-regexp', subject],
    ...['--output', 'json', 'ghcr.io/charts/app:1.2.3_build'],
  ];
  expect(cosign.read('args').trim().split('\n')).toEqual([
    ...expected('^https://x/one$'),
    ...expected('^https://x/two$'),
  ]);
});

test('a chart that none of them signed is rejected, with the output of cosign', async () => {
  cosign = new FakeTool('cosign', accepts('no one'));
  await expect(verifyChart({ ...chart, signedBy: signers }, signal)).rejects.toThrow(
    'ghcr.io/charts/app:1.2.3_build is not signed by an accepted signer; do not install it until you know why:\n' +
      '^https://x/one$: no matching signatures: ^https://x/one$\n^https://x/two$: no matching signatures: ^https://x/two$',
  );
});

test('without cosign, the error says how to install it or disable verification', async () => {
  const before = process.env.PATH;
  process.env.PATH = '/nowhere';
  try {
    await expect(verifyChart({ ...chart, signedBy: signers }, signal)).rejects.toThrow(
      'cosign: not found on PATH; install cosign (https://docs.sigstore.dev/cosign/system_config/installation), ' +
        'or set SOURCE_VERIFICATION to none',
    );
  } finally {
    process.env.PATH = before;
  }
});
