import 'reflect-metadata';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** A certificate authority, both parts in PEM (the key as PKCS #8). */
export interface CertificateAuthority {
  certificate: string;
  privateKey: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** Generates a self-signed CA (ECDSA P-256) that can sign leaf certificates but no intermediate CAs. */
export async function generateCertificateAuthority(
  commonName: string,
  validityYears: number,
): Promise<CertificateAuthority> {
  x509.cryptoProvider.set(globalThis.crypto);
  const keys = await globalThis.crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  // The clocks of the machines may be behind ours.
  const notBefore = new Date(Date.now() - 3_600_000);
  const notAfter = new Date(notBefore);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + validityYears);
  const usages = x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [commonName] }],
    keys,
    signingAlgorithm: algorithm,
    notBefore,
    notAfter,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(usages, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const pkcs8 = await globalThis.crypto.subtle.exportKey('pkcs8', keys.privateKey);
  const privateKey = x509.PemConverter.encode(pkcs8, x509.PemConverter.PrivateKeyTag);
  return { certificate: `${certificate.toString('pem')}\n`, privateKey: `${privateKey}\n` };
}

/** The problem with a stored authority, without quoting it; undefined if it is usable now. */
export function authorityProblem(
  { certificate, privateKey }: CertificateAuthority,
  now = new Date(),
): string | undefined {
  let parsed: X509Certificate;
  try {
    parsed = new X509Certificate(certificate);
  } catch {
    return 'ca.crt is not a PEM certificate';
  }
  try {
    if (!parsed.checkPrivateKey(createPrivateKey(privateKey))) return 'ca.key does not belong to ca.crt';
  } catch {
    return 'ca.key is not a PEM private key';
  }
  if (!parsed.ca) return 'ca.crt is not a CA certificate';
  if (new Date(parsed.validTo) <= now) return `ca.crt expired on ${parsed.validTo}`;
  return undefined;
}
