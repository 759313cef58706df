import type { PoolState } from './loadBalancerAddresses';
import type { Refusal } from './refusals';
import type { ReportedObject } from './reportedObject';

/**
 * What the stand-in for an operator reports for objects of one kind: that they match their spec, unless the operator would
 * refuse them. It does none of the operator's other work, and reports nothing until the operator's pods are running.
 */
export interface StandInRule {
  /** The operator it stands in for. */
  operator: string;
  /** The operator's Deployment, without which nothing is reported. */
  deployment: { namespace: string; name: string };
  kind: string;
  /** `/apis/<group>/<version>` or `/api/v1`, and the plural. */
  api: string;
  plural: string;
  /** Why the operator would not report the object as ready. */
  refuses: Refusal;
  /** What the status claims and what is not done, for the status page. */
  claims: string;
  /** The status to merge into the object's; undefined if there is nothing to report yet. */
  status: (object: ReportedObject, state: PoolState) => Record<string, unknown> | undefined;
  /** The status of a refused object, with the reason; undefined if the operator would ignore it. */
  refused: (object: ReportedObject, why: string) => Record<string, unknown> | undefined;
}
