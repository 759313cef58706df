/** Credentials of the Talos API: base64 of PEM files. */
export interface ClientConfiguration {
  caCertificate: string;
  clientCertificate: string;
  /** Secret. */
  clientKey: string;
}

/** Credentials of the Kubernetes API: base64 of PEM files, and the server's URL. */
export interface KubernetesClientConfiguration {
  caCertificate: string;
  clientCertificate: string;
  /** Secret. */
  clientKey: string;
  host: string;
}

/** A certificate and its key, base64 of PEM files. */
export interface Certificate {
  cert: string;
  /** Secret. */
  key: string;
}

/** A key alone, base64 of a PEM file. */
export interface Key {
  /** Secret. */
  key: string;
}

/** The cluster's CAs, keys and tokens; whoever has them controls the cluster. Secret as a whole. */
export interface MachineSecrets {
  certs: {
    etcd: Certificate;
    k8s: Certificate;
    k8sAggregator: Certificate;
    k8sServiceaccount: Key;
    os: Certificate;
  };
  cluster: { id: string; secret: string };
  secrets: { aescbcEncryptionSecret?: string; bootstrapToken: string; secretboxEncryptionSecret: string };
  trustdinfo: { token: string };
}

/** Go durations such as '10m'. */
export interface Timeout {
  create?: string;
  delete?: string;
  update?: string;
}
