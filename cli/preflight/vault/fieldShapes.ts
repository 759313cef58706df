import { parse } from 'yaml';
import type { managedFields, VaultField } from '../../../cluster/vaultFields';
import { identityOf } from '../../../clients/talos/talosconfig';

type Made = ReturnType<typeof managedFields>;

/** Each completes "is no …". A field that is not here may hold anything. */
const shapes: { [K in keyof Made]?: { is: string; fits(value: string): boolean } } = {
  ciliumCa: { is: 'private key in PEM', fits: (value) => /^-----BEGIN [A-Z ]*PRIVATE KEY-----\n/.test(value) },
  tunnelSecret: { is: 'base64 of 32 bytes or more', fits: (value) => (bytesOf(value)?.length ?? 0) >= 32 },
  tunnelToken: { is: 'token of a tunnel', fits: isTunnelToken },
  certManagerToken: { is: 'API token of Cloudflare', fits: isCloudflareToken },
  externalDnsToken: { is: 'API token of Cloudflare', fits: isCloudflareToken },
  tsigSecret: { is: 'base64', fits: (value) => (bytesOf(value)?.length ?? 0) > 0 },
  kubeconfig: { is: 'kubeconfig', fits: isKubeconfig },
  talosconfig: { is: 'talosconfig', fits: (value) => identityOf(value) !== undefined },
};

/** What is wrong with a field's value, by the field it is; nothing if it will do. The value is never repeated. */
export function shapeProblem(title: string, field: string, value: string, made: Made): string | undefined {
  if (value.trim() === '') return 'is empty';
  const known = (Object.entries(made) as [keyof Made, VaultField][]).find(
    ([, one]) => one.title === title && one.field === field,
  );
  const shape = known && shapes[known[0]];
  if (shape !== undefined && !shape.fits(value)) return `is no ${shape.is}`;
  const text = /^-----BEGIN |\n./.test(value);
  return !text && value !== value.trim() ? 'has blanks or line breaks around its value' : undefined;
}

function bytesOf(base64: string): Buffer | undefined {
  return /^[A-Za-z0-9+/]+={0,2}$/.test(base64) && base64.length % 4 === 0 ? Buffer.from(base64, 'base64') : undefined;
}

/** Cloudflare's tokens had 40 characters; newer ones have a prefix and more. */
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
