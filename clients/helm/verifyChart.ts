import { runCommand, tailOf } from '../process/runCommand';
import { UserError } from '../userError';

/** Who may have signed a chart: regular expressions that the certificate's issuer and subject must match. */
export interface ChartSigner {
  issuer: string;
  subject: string;
}

const howToGet =
  'install cosign (https://docs.sigstore.dev/cosign/system_config/installation), or set SOURCE_VERIFICATION to none';

/**
 * Asks cosign whether a chart is signed, keyless, by one of those who may sign it; does nothing where nobody is named.
 * Flux asks the same of the same OCIRepository later. Throws cosign's own last words when none of them has signed it.
 */
export async function verifyChart(
  { chartUrl, version, signedBy = [] }: { chartUrl: string; version: string; signedBy?: readonly ChartSigner[] },
  signal: AbortSignal,
): Promise<void> {
  const reference = `${chartUrl.replace(/^oci:\/\//, '')}:${version.replaceAll('+', '_')}`;
  const refusals: string[] = [];
  for (const { issuer, subject } of signedBy) {
    const identity = ['--certificate-oidc-issuer-regexp', issuer, '--certificate-identity-regexp', subject];
    const args = ['verify', ...identity, '--output', 'json', reference];
    const { code, stderr } = await runCommand({ file: 'cosign', args, env: process.env, signal, howToGet });
    if (code === 0) return;
    refusals.push(`${subject}: ${tailOf(stderr)}`);
  }
  if (refusals.length === 0) return;
  throw new UserError(
    `${reference} is not signed by who must have signed it; do not install it before you know why:\n${refusals.join('\n')}`,
  );
}
