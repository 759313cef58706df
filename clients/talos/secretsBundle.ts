import { parse, stringify } from 'yaml';
import * as z from 'zod';

/** A certificate authority's certificate and key, each base64 of a PEM file. */
export interface EncodedAuthority {
  cert: string;
  key: string;
}

/**
 * The secrets of a Talos cluster, in the shape that the Talos provider gives and takes. Whoever has them controls the cluster.
 */
export interface MachineSecrets {
  certs: {
    etcd: EncodedAuthority;
    k8s: EncodedAuthority;
    k8sAggregator: EncodedAuthority;
    k8sServiceaccount: { key: string };
    /** The machine CA: it issues the certificates of the Talos API. */
    os: EncodedAuthority;
  };
  cluster: { id: string; secret: string };
  secrets: { aescbcEncryptionSecret?: string | undefined; bootstrapToken: string; secretboxEncryptionSecret: string };
  trustdinfo: { token: string };
}

const text = z.string({ error: 'is missing' }).min(1, 'is empty');
const base64 = text
  .regex(/^[A-Za-z0-9+/\s]+={0,2}\s*$/, 'is not base64')
  .transform((value) => value.replace(/\s/g, ''));
const object = <T extends z.ZodRawShape>(shape: T) => z.object(shape, { error: 'is missing' });
const authority = object({ cert: base64, key: base64 });

/** The schema of {@link MachineSecrets}. */
export const machineSecretsSchema: z.ZodType<MachineSecrets> = object({
  certs: object({
    etcd: authority,
    k8s: authority,
    k8sAggregator: authority,
    k8sServiceaccount: object({ key: base64 }),
    os: authority,
  }),
  cluster: object({ id: text, secret: text }),
  secrets: object({
    aescbcEncryptionSecret: text.optional(),
    bootstrapToken: text,
    secretboxEncryptionSecret: text,
  }),
  trustdinfo: object({ token: text }),
});

const fileAuthority = object({ crt: base64, key: base64 });
/** The format of `talosctl gen secrets`: the fields of the Go type Bundle in lower case. */
const fileSchema = object({
  cluster: object({ id: text, secret: text }),
  secrets: object({
    bootstraptoken: text,
    secretboxencryptionsecret: text,
    aescbcencryptionsecret: text.optional(),
  }),
  trustdinfo: object({ token: text }),
  certs: object({
    etcd: fileAuthority,
    k8s: fileAuthority,
    k8saggregator: fileAuthority,
    k8sserviceaccount: object({ key: base64 }),
    os: fileAuthority,
  }),
});

/**
 * Reads the `secrets.yaml` of `talosctl gen secrets`, which talhelper's `talsecret.yaml` is, too, once it is decrypted.
 * Problems quote nothing of it.
 */
export function parseSecretsFile(file: string): MachineSecrets | { problem: string } {
  let value: unknown;
  try {
    value = parse(file);
  } catch {
    return { problem: 'is not YAML' };
  }
  if (typeof value === 'object' && value !== null && 'sops' in value) {
    return { problem: 'is encrypted with SOPS; decrypt it first (sops --decrypt)' };
  }
  const parsed = fileSchema.safeParse(value);
  if (!parsed.success) {
    const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'} ${message}`);
    return { problem: `is not a secrets.yaml of Talos: ${issues.join(', ')}` };
  }
  const { cluster, secrets, trustdinfo, certs } = parsed.data;
  const ca = ({ crt, key }: { crt: string; key: string }): EncodedAuthority => ({ cert: crt, key });
  return {
    certs: {
      etcd: ca(certs.etcd),
      k8s: ca(certs.k8s),
      k8sAggregator: ca(certs.k8saggregator),
      k8sServiceaccount: certs.k8sserviceaccount,
      os: ca(certs.os),
    },
    cluster,
    secrets: {
      ...(secrets.aescbcencryptionsecret !== undefined && { aescbcEncryptionSecret: secrets.aescbcencryptionsecret }),
      bootstrapToken: secrets.bootstraptoken,
      secretboxEncryptionSecret: secrets.secretboxencryptionsecret,
    },
    trustdinfo,
  };
}

/** Writes secrets as `talosctl gen secrets` does, so that talosctl and talhelper can read them. */
export function formatSecretsFile({ certs, cluster, secrets, trustdinfo }: MachineSecrets): string {
  const ca = ({ cert, key }: EncodedAuthority) => ({ crt: cert, key });
  const { aescbcEncryptionSecret, bootstrapToken, secretboxEncryptionSecret } = secrets;
  const file = {
    cluster: { id: cluster.id, secret: cluster.secret },
    secrets: {
      bootstraptoken: bootstrapToken,
      ...(aescbcEncryptionSecret !== undefined && { aescbcencryptionsecret: aescbcEncryptionSecret }),
      secretboxencryptionsecret: secretboxEncryptionSecret,
    },
    trustdinfo: { token: trustdinfo.token },
    certs: {
      etcd: ca(certs.etcd),
      k8s: ca(certs.k8s),
      k8saggregator: ca(certs.k8sAggregator),
      k8sserviceaccount: { key: certs.k8sServiceaccount.key },
      os: ca(certs.os),
    },
  };
  return stringify(file, { lineWidth: 0 });
}
