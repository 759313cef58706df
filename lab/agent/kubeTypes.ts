/** The metadata that the agent reads. These types deliberately contain only the fields that the agent uses. */
export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  generation?: number;
  labels?: Record<string, string>;
}

/** A reference to a value that the kubelet would resolve. */
export interface EnvSource {
  fieldRef?: { fieldPath: string };
  resourceFieldRef?: { containerName?: string; resource: string };
  configMapKeyRef?: { name: string; key: string; optional?: boolean };
  secretKeyRef?: { name: string; key: string; optional?: boolean };
}

/** One variable of a container: a literal or a reference. */
export interface EnvVar {
  name: string;
  value?: string;
  valueFrom?: EnvSource;
}

/** A container of a pod template. */
export interface Container {
  name: string;
  image?: string;
  args?: string[];
  env?: EnvVar[];
  ports?: { name?: string; containerPort: number }[];
  resources?: { limits?: Record<string, string> };
  volumeMounts?: { name: string; mountPath: string }[];
}

/** A volume of a pod template. Only Secrets and ConfigMaps have content; all others are empty folders on the host. */
export interface Volume {
  name: string;
  secret?: { secretName: string; optional?: boolean };
  configMap?: { name: string; optional?: boolean };
}

/** apps/v1 Deployment. */
export interface Deployment {
  metadata: ObjectMeta;
  spec: {
    replicas?: number;
    template: {
      metadata?: { labels?: Record<string, string> };
      spec: { containers: Container[]; volumes?: Volume[]; serviceAccountName?: string };
    };
  };
  status?: { readyReplicas?: number; availableReplicas?: number };
}

/** v1 Service. */
export interface Service {
  metadata: ObjectMeta;
  spec: {
    clusterIP?: string;
    selector?: Record<string, string>;
    ports?: { name?: string; port: number; targetPort?: number | string }[];
  };
}

/** v1 Secret and v1 ConfigMap; `data` of a Secret is base64. */
export interface KeyedData {
  metadata: ObjectMeta;
  data?: Record<string, string>;
}
