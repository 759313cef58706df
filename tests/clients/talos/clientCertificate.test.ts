import 'reflect-metadata';
import { type webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { identityExpiry, issueAdminIdentity } from '../../../clients/talos/clientCertificate';
import { base64, TestAuthority } from '../support/pki';

const decoded = (text: string): X509Certificate => new X509Certificate(Buffer.from(text, 'base64'));

/** A machine CA as Talos makes it: Ed25519, with a label that OpenSSL does not know. */
async function talosAuthority() {
  const keys = (await globalThis.crypto.subtle.generateKey({ name: 'Ed25519' }, true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ O: ['talos'] }],
    keys,
    signingAlgorithm: { name: 'Ed25519' },
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  const key = await globalThis.crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    cert: base64(certificate.toString('pem')),
    key: base64(x509.PemConverter.encode(key, 'ED25519 PRIVATE KEY')),
  };
}

test.each([
  ['Ed25519, as Talos generates it', talosAuthority],
  ['ECDSA', async () => (await TestAuthority.create('own')).encoded()],
])('a machine CA of %s issues an identity with the role os:admin for a year', async (_, authorityOf) => {
  const authority = await authorityOf();
  const now = new Date('2026-11-28T12:00:00Z');
  const identity = await issueAdminIdentity(authority, now);
  const leaf = decoded(identity.clientCertificate);
  const ca = decoded(authority.cert);
  expect([leaf.subject, leaf.issuer, leaf.verify(ca.publicKey)]).toEqual(['O=os:admin', ca.subject, true]);
  expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  expect(identity.caCertificate).toBe(authority.cert);
  expect(identityExpiry(identity)).toEqual(new Date('2027-11-28T12:00:00Z'));
  expect(Buffer.from(identity.clientKey, 'base64').toString()).toMatch(/^-{5}BEGIN PRIVATE KEY-{5}\n/);
});

test('the expiry of something else is unknown', () => {
  expect(identityExpiry({ caCertificate: '', clientCertificate: 'eA==', clientKey: '' })).toBeUndefined();
});
