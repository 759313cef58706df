import { runCommand, tailOf } from '../process/runCommand';
import { UserError } from '../userError';

/** An accepted signer: regular expressions for the issuer and the subject of the signing certificate. */
export interface ChartSigner {
  issuer: string;
  subject: string;
}

const howToGet =
  'install cosign (https://docs.sigstore.dev/cosign/system_config/installation), or set SOURCE_VERIFICATION to none';

/**
 * Verifies with cosign that one of the accepted signers has signed the chart (keyless); without signers, does nothing.
 * Flux later verifies the same for the OCIRepository.
 *
 * @throws UserError with the last lines that cosign printed for each signer, if none of them has signed it
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
    `${reference} is not signed by an accepted signer; do not install it until you know why:\n${refusals.join('\n')}`,
  );
}
