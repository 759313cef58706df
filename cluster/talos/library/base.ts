import type { JsonMap } from '../../../gitops/kubernetesObject';
import bases from './base.json';

/**
 * What a Talos library generates without patches, with `CLUSTER_NAME`, `KUBERNETES_VERSION` and `cluster-endpoint` where its
 * input goes, and `***` for everything that it generates at random.
 */
export interface BaseConfigurations {
  /** The version of the library. */
  library: string;
  /** From the oldest format to the newest; each holds up to the next. */
  formats: { since: string; controlplane: JsonMap[]; worker: JsonMap[] }[];
}

/** Those of the library that the Pulumi Talos provider 0.8.1 generates configurations with. */
export const baseConfigurations: BaseConfigurations = bases;
