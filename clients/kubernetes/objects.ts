/** The metadata that we use. */
export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  generation?: number;
  /** ISO 8601; set while the object is being deleted. */
  deletionTimestamp?: string;
  ownerReferences?: { kind: string; name: string; controller?: boolean }[];
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  /** Who set which fields. */
  managedFields?: { manager?: string; fieldsV1?: Record<string, Record<string, unknown> | undefined> }[];
}

/** Any Kubernetes object. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
}

/** A status condition. */
export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  observedGeneration?: number;
  /** ISO 8601: when `status` last changed. */
  lastTransitionTime?: string;
}

/** An object with status conditions, as Flux and most controllers report them. */
export interface ConditionedObject extends KubeObject {
  spec?: Record<string, unknown>;
  status?: { conditions?: Condition[]; observedGeneration?: number };
}

/** The condition of that type. */
export function conditionOf(object: ConditionedObject, type: string): Condition | undefined {
  return object.status?.conditions?.find((condition) => condition.type === type);
}

/** Labels that Flux sets on the objects it owns. */
export const fluxOwnerLabels = ['helm.toolkit.fluxcd.io/name', 'kustomize.toolkit.fluxcd.io/name'] as const;

/** Whether the object has an owner label of Flux. */
export function isFluxOwned({ labels }: ObjectMeta): boolean {
  return fluxOwnerLabels.some((label) => labels?.[label] !== undefined);
}
