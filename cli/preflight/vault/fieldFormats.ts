import { parse } from 'yaml';
import type { managedFields } from '../../../cluster/onePasswordFields';
import type { OnePasswordField } from '../../../cluster/secretCategories';
import { parseSecretsFile } from '../../../clients/talos/secretsBundle';
import { identityOf } from '../../../clients/talos/talosconfig';

type ManagedFields = ReturnType<typeof managedFields>;

const pemKey = {
  expected: 'a PEM private key',
  matches: (value: string) => /^-----BEGIN [A-Z ]*PRIVATE KEY-----\n/.test(value),
};

const pemCertificate = {
  expected: 'a PEM certificate',
  matches: (value: string) => value.startsWith('-----BEGIN CERTIFICATE-----\n'),
};

/** Formats by field; `expected` completes "is not …". Any other field may have any format. */
const formats: { [K in keyof ManagedFields]?: { expected: string; matches(value: string): boolean } } = {
  ciliumCa: pemKey,
  observabilityCa: pemKey,
  observabilityCertificate: pemCertificate,
  servicesCa: pemKey,
  harborTokenKey: pemKey,
  gitlabSigningKey: pemKey,
  servicesCertificate: pemCertificate,
  tunnelSecret: { expected: 'base64 of at least 32 bytes', matches: (value) => (bytesOf(value)?.length ?? 0) >= 32 },
  tunnelToken: { expected: 'a tunnel token', matches: isTunnelToken },
  certManagerToken: { expected: 'a Cloudflare API token', matches: isCloudflareToken },
  externalDnsToken: { expected: 'a Cloudflare API token', matches: isCloudflareToken },
  tsigSecret: { expected: 'base64', matches: (value) => (bytesOf(value)?.length ?? 0) > 0 },
  machineSecrets: {
    expected: 'a secrets.yaml of Talos',
    matches: (value) => !('problem' in parseSecretsFile(value)),
  },
  kubeconfig: { expected: 'a kubeconfig', matches: isKubeconfig },
  talosconfig: { expected: 'a talosconfig', matches: (value) => identityOf(value) !== undefined },
};

/** The problem with the value of a field; undefined if it is valid. The text does not contain the value. */
export function formatProblem(title: string, field: string, value: string, managed: ManagedFields): string | undefined {
  if (value.trim() === '') return 'is empty';
  const entry = (Object.entries(managed) as [keyof ManagedFields, OnePasswordField][]).find(
    ([, managedField]) => managedField.title === title && managedField.field === field,
  );
  const format = entry && formats[entry[0]];
  if (format !== undefined && !format.matches(value)) return `is not ${format.expected}`;
  const multiLine = /^-----BEGIN |\n./.test(value);
  return !multiLine && value !== value.trim() ? 'has leading or trailing whitespace' : undefined;
}

function bytesOf(base64: string): Buffer | undefined {
  return /^[A-Za-z0-9+/]+={0,2}$/.test(base64) && base64.length % 4 === 0 ? Buffer.from(base64, 'base64') : undefined;
}

/** Older Cloudflare tokens have 40 characters; newer ones have a prefix and are longer. */
function isCloudflareToken(value: string): boolean {
  return /^[A-Za-z0-9_-]{40,}$/.test(value);
}

function isTunnelToken(value: string): boolean {
  try {
    const token = JSON.parse(bytesOf(value)?.toString() ?? '') as Record<string, unknown> | null;
    return ['a', 't', 's'].every((key) => typeof token?.[key] === 'string');
  } catch {
    return false;
  }
}

function isKubeconfig(value: string): boolean {
  try {
    return (parse(value) as { kind?: unknown } | null)?.kind === 'Config';
  } catch {
    return false;
  }
}
