import { celEnv, isCelError, parse, plan } from '@bufbuild/cel';
import { celValue } from '../../gitops/cel';
import { isMap, listOf, type Json, type JsonMap, textOf, valueAt } from '../../gitops/kubernetesObject';

/** A condition of one object in the cluster that must hold before the next machine is changed. */
export interface HealthCheck {
  apiVersion: string;
  kind: string;
  /** Absent for kinds without namespaces. */
  namespace?: string | undefined;
  name: string;
  /** Type of a status condition that must be `True`. Exactly one of this and `expression` is set. */
  condition?: string | undefined;
  /** A CEL expression that must be true; its only variable is `object`. */
  expression?: string | undefined;
}

/** What a check is about, for messages: `CephCluster rook-ceph/rook-ceph`. */
export function describeHealthCheck({ kind, namespace, name }: HealthCheck): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

/** Why the object does not pass the check; undefined if it does. */
export function healthProblem(check: HealthCheck, object: Json | undefined): string | undefined {
  if (!isMap(object)) return 'does not exist';
  if (check.expression !== undefined) return expressionResult(check.expression, object);
  const type = check.condition ?? 'Ready';
  const conditions = listOf(valueAt(object, 'status', 'conditions'));
  const condition = conditions.find((candidate) => valueAt(candidate, 'type') === type);
  if (condition === undefined) return `has no condition ${type} yet`;
  const status = textOf(valueAt(condition, 'status'), 'Unknown');
  if (status === 'True') return undefined;
  const message = textOf(valueAt(condition, 'message')) || textOf(valueAt(condition, 'reason'));
  return `${type} is ${status}${message === '' ? '' : `: ${message}`}`;
}

/** Why a text is not an expression that a check can use; undefined if it is one. */
export function expressionProblem(expression: string): string | undefined {
  try {
    const result = evaluate(expression, {});
    // Other errors are about fields, which an empty object lacks.
    const unknown = isCelError(result) && result.message.includes('unresolved attribute');
    return unknown ? 'uses a name other than `object`' : undefined;
  } catch (error) {
    return `is not a CEL expression: ${(error as Error).message}`;
  }
}

function expressionResult(expression: string, object: JsonMap): string | undefined {
  const result = evaluate(expression, object);
  if (result === true) return undefined;
  // A field that the object does not have yet is an error of the expression in CEL.
  if (isCelError(result)) return `${expression}: ${result.message}`;
  return `${expression} is ${typeof result === 'boolean' ? String(result) : 'not true or false'}`;
}

function evaluate(expression: string, object: JsonMap) {
  return plan(celEnv(), parse(expression))({ object: celValue(object) });
}
