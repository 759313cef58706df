import 'reflect-metadata';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { writePrivate } from '../../files';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const oneDay = 24 * 60 * 60 * 1000;

x509.cryptoProvider.set(webcrypto);

/** A certificate and its private key, both PEM (PKCS #8). */
export interface KeyPair {
  certificate: string;
  privateKey: string;
}

/** The lab's certificate authority. It signs the certificates that the egress proxy presents. */
export interface Authority {
  /** The authority's own certificate, PEM. */
  certificate: string;
  /** A server certificate for a host name, valid for 800 days. Further calls for the same name return the same pair. */
  issue(host: string): Promise<KeyPair>;
}

/** Paths of the lab's certificate authority below `.lab`. */
export function authorityFiles(labDir: string): { certificate: string; privateKey: string } {
  return { certificate: path.join(labDir, 'pki', 'ca.crt'), privateKey: path.join(labDir, 'pki', 'ca.key') };
}

/** Creates the lab's certificate authority (`pki/ca.crt`, `pki/ca.key`, both 0600) unless it exists. */
export async function createAuthority(labDir: string): Promise<void> {
  const files = authorityFiles(labDir);
  if (fs.existsSync(files.certificate) && fs.existsSync(files.privateKey)) return;
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: 'CN=k8s-gitops lab certificate authority',
    notBefore: new Date(Date.now() - oneDay),
    notAfter: new Date(Date.now() + 3650 * oneDay),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  writePrivate(files.privateKey, await privateKeyPem(keys.privateKey));
  writePrivate(files.certificate, `${certificate.toString('pem')}\n`);
}

/** A server certificate that signs itself, valid for a year. */
export async function selfSigned(host: string): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [host] }],
    notBefore: new Date(Date.now() - oneDay),
    notAfter: new Date(Date.now() + 365 * oneDay),
    signingAlgorithm: algorithm,
    keys,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: host }])],
  });
  return { certificate: `${certificate.toString('pem')}\n`, privateKey: await privateKeyPem(keys.privateKey) };
}

/** Loads a certificate authority written by {@link createAuthority}. */
export async function loadAuthority(files: { certificate: string; privateKey: string }): Promise<Authority> {
  const certificatePem = fs.readFileSync(files.certificate, 'utf8');
  const issuer = new x509.X509Certificate(certificatePem);
  const der = x509.PemConverter.decodeFirst(fs.readFileSync(files.privateKey, 'utf8'));
  const signingKey = await webcrypto.subtle.importKey('pkcs8', der, algorithm, true, ['sign']);
  const issued = new Map<string, Promise<KeyPair>>();
  return {
    certificate: certificatePem,
    issue(host) {
      const cached = issued.get(host);
      if (cached !== undefined) return cached;
      const pair = issueLeaf(host, issuer, signingKey);
      issued.set(host, pair);
      return pair;
    },
  };
}

async function issueLeaf(
  host: string,
  issuer: x509.X509Certificate,
  signingKey: webcrypto.CryptoKey,
): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [{ CN: [host] }],
    issuer: issuer.subject,
    notBefore: new Date(Date.now() - oneDay),
    // Apple's and Go's verifiers accept at most 825 days from a private certificate authority.
    notAfter: new Date(Date.now() + 800 * oneDay),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: host }]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, privateKey: await privateKeyPem(keys.privateKey) };
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

function serialNumber(): string {
  const bytes = Buffer.from(webcrypto.getRandomValues(new Uint8Array(16)));
  // A positive ASN.1 integer without a leading zero byte.
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}
