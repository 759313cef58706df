import { X509Certificate } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { listOf, textOf, valueAt } from '../../gitops/kubernetesObject';
import { writePrivate } from '../files';
import { loadAuthority } from '../services/proxy/pki';
import { type ClusterObjects, type Item, nameOf, namespaceOf, type ReadSecret } from './objects';

/**
 * Writes the certificate in a Secret that vmauth mounts as `tls.crt` and `tls.key` into a folder. In the lab, cert-manager's stand-in
 * issues nothing: then one is issued here, by the authority in the Secret of the Certificate's own issuer, for the Certificate's name.
 * @returns the name that it is for
 */
export async function writeDoorCertificate(
  auth: Item,
  secretName: string,
  objects: ClusterObjects,
  secret: ReadSecret,
  dir: string,
): Promise<string> {
  const namespace = namespaceOf(auth);
  const certificate = objects.certificates.find(
    (one) => namespaceOf(one) === namespace && one.spec?.['secretName'] === secretName,
  );
  const [name, more] = listOf(certificate?.spec?.['dnsNames']).map((one) => textOf(one));
  if (name === undefined || more !== undefined)
    throw new Error(`VMAuth ${nameOf(auth)}: Secret ${secretName} is not of a Certificate with exactly one DNS name`);
  const issuerName = textOf(valueAt(certificate?.spec, 'issuerRef', 'name'));
  const issuer = objects.issuers.find((one) => namespaceOf(one) === namespace && one.metadata.name === issuerName);
  const authority = textOf(valueAt(issuer?.spec, 'ca', 'secretName'));
  if (authority === '') throw new Error(`Issuer ${namespace}/${issuerName}: the lab issues from an authority only`);
  const ca = secret({ namespace, name: authority, key: 'tls.crt' });
  const files = { certificate: path.join(dir, 'tls.crt'), privateKey: path.join(dir, 'tls.key') };
  if (isFrom(files.certificate, ca, name)) return name;
  const caFiles = { certificate: path.join(dir, 'ca.crt'), privateKey: path.join(dir, 'ca.key') };
  writePrivate(caFiles.certificate, ca);
  writePrivate(caFiles.privateKey, secret({ namespace, name: authority, key: 'tls.key' }));
  const pair = await (await loadAuthority(caFiles)).issue(name);
  writePrivate(files.certificate, pair.certificate);
  writePrivate(files.privateKey, pair.privateKey);
  return name;
}

/** Whether a file has a certificate for the name that the authority has issued. */
function isFrom(file: string, authority: string, name: string): boolean {
  if (!fs.existsSync(file)) return false;
  const certificate = new X509Certificate(fs.readFileSync(file));
  return certificate.verify(new X509Certificate(authority).publicKey) && certificate.checkHost(name) !== undefined;
}
