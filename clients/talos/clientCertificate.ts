import 'reflect-metadata';
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { standardPem } from './dial';
import type { TalosClientConfiguration } from './identity';
import type { EncodedAuthority } from './secretsBundle';

/** How long a client certificate is valid, as talosctl's own. */
const validityDays = 365;
const day = 86_400_000;

/**
 * Issues a client certificate of the machine CA with the role os:admin, as NewAdminCertificateAndKey of Talos does.
 *
 * @throws Error, which quotes nothing, if the authority's key cannot sign
 */
export async function issueAdminIdentity(
  authority: EncodedAuthority,
  now = new Date(),
): Promise<TalosClientConfiguration> {
  x509.cryptoProvider.set(globalThis.crypto);
  const issuer = new x509.X509Certificate(decode(authority.cert));
  const signing = signingAlgorithm(createPrivateKey(decode(authority.key)));
  const key = createPrivateKey(decode(authority.key)).export({ type: 'pkcs8', format: 'der' });
  const { subtle } = globalThis.crypto;
  const signingKey = await subtle.importKey('pkcs8', key, signing, false, ['sign']);
  const keys = await subtle.generateKey(clientKey, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ O: ['os:admin'] }],
    issuer: issuer.subjectName,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: signing,
    // The clocks of the machines may be behind ours.
    notBefore: new Date(now.getTime() - 3_600_000),
    notAfter: new Date(now.getTime() + validityDays * day),
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
    ],
  });
  const pkcs8 = await subtle.exportKey('pkcs8', keys.privateKey);
  return {
    caCertificate: authority.cert,
    clientCertificate: encode(certificate.toString('pem')),
    clientKey: encode(x509.PemConverter.encode(pkcs8, x509.PemConverter.PrivateKeyTag)),
  };
}

/** When the client certificate expires; undefined if it cannot be read. */
export function identityExpiry({ clientCertificate }: TalosClientConfiguration): Date | undefined {
  try {
    return new Date(new X509Certificate(decode(clientCertificate)).validTo);
  } catch {
    return undefined;
  }
}

const clientKey = { name: 'ECDSA', namedCurve: 'P-256' };

/** The algorithm of an authority's key: Talos generates Ed25519, people may have brought another. */
function signingAlgorithm({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject) {
  if (asymmetricKeyType === 'ed25519') return { name: 'Ed25519' };
  if (asymmetricKeyType === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const curve = { prime256v1: 'P-256', secp384r1: 'P-384' }[asymmetricKeyDetails?.namedCurve ?? ''];
  if (curve === undefined)
    throw new Error('the key of the machine CA is neither Ed25519, RSA nor ECDSA (P-256, P-384)');
  return { name: 'ECDSA', namedCurve: curve, hash: curve === 'P-256' ? 'SHA-256' : 'SHA-384' };
}

function decode(base64: string): string {
  return standardPem(Buffer.from(base64, 'base64')).toString('utf8');
}

function encode(pem: string): string {
  return Buffer.from(`${pem}\n`, 'utf8').toString('base64');
}
