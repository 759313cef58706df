import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** A certificate and its PKCS #8 key, in PEM. */
export interface Pair {
  cert: string;
  key: string;
}

/** A CA that issues leaf certificates for tests. */
export class TestAuthority {
  private constructor(
    private readonly certificate: x509.X509Certificate,
    private readonly keys: webcrypto.CryptoKeyPair,
  ) {}

  static async create(name = 'test authority'): Promise<TestAuthority> {
    const keys = await newKeys();
    const extensions = [new x509.BasicConstraintsExtension(true, undefined, true)];
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: `CN=${name}`,
      keys,
      signingAlgorithm: algorithm,
      ...validity(),
      extensions,
    });
    return new TestAuthority(certificate, keys);
  }

  get cert(): string {
    return this.certificate.toString('pem');
  }

  /** Certificate and key as base64 of PEM, as Talos keeps them. */
  async encoded(): Promise<{ cert: string; key: string }> {
    return { cert: base64(this.cert), key: base64(await pem(this.keys.privateKey)) };
  }

  /** A certificate for these IP addresses, by default for an hour. */
  async issue(addresses: string[], hours = 1): Promise<Pair> {
    const keys = await newKeys();
    const names = addresses.map((value) => ({ type: 'ip' as const, value }));
    const certificate = await x509.X509CertificateGenerator.create({
      subject: 'CN=leaf',
      issuer: this.certificate.subject,
      publicKey: keys.publicKey,
      signingKey: this.keys.privateKey,
      signingAlgorithm: algorithm,
      ...validity(hours),
      extensions: names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : [],
    });
    return { cert: certificate.toString('pem'), key: await pem(keys.privateKey) };
  }
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const newKeys = () => globalThis.crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
const validity = (hours = 1) => ({
  notBefore: new Date(Date.now() - 60_000),
  notAfter: new Date(Date.now() + hours * 3_600_000),
});

async function pem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await globalThis.crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

export const base64 = (text: string): string => Buffer.from(text).toString('base64');
