import * as z from 'zod';
import { expressionProblem } from './rollout/healthChecks';
import { described, integer, nonEmpty, section, text, trueOrFalse } from './schemaTypes';

const seconds = integer('seconds from 10 to 7200', 10, 7200);

/** An object that must be well before the next machine is changed: by a condition, or by a CEL expression over `object`. */
const healthCheck = section({
  apiVersion: described(nonEmpty('an API version such as ceph.rook.io/v1'), 'The API version of the object.'),
  kind: described(nonEmpty('a kind'), 'The kind of the object.'),
  namespace: described(nonEmpty('a namespace').optional(), 'The namespace of the object, if it has one.'),
  name: described(nonEmpty('the name of an object'), 'The name of the object.'),
  condition: described(
    nonEmpty('a condition such as Ready').optional(),
    'A condition that must be True; default: Ready.',
  ),
  expression: described(
    text(
      "a CEL expression such as object.status.ceph.health == 'HEALTH_OK'",
      (value) => expressionProblem(value) === undefined,
    ).optional(),
    'A CEL expression over `object` that must be true.',
  ),
}).refine(({ condition, expression }) => condition === undefined || expression === undefined, {
  error: 'at most one of condition, expression',
});

/** How a change goes from machine to machine. */
export const rolloutSchema = section({
  workersAtOnce: described(
    integer('an integer from 1 to 100', 1, 100).default(1),
    'How many workers are changed at a time; control planes always go one by one.',
  ),
  drain: described(
    section({
      enabled: described(trueOrFalse.default(true), 'Whether a node is drained before it reboots.'),
      timeoutSeconds: described(seconds.default(600), 'How long draining may take.'),
    }).prefault({}),
    'How a node is emptied before it reboots.',
  ),
  gateTimeoutSeconds: described(seconds.default(1200), 'How long a machine may take until it is well again.'),
  healthChecks: described(
    z.array(healthCheck, { error: 'a list of health checks' }).default([]),
    'What else must be well before the next machine is changed.',
  ),
});

export type Rollout = z.infer<typeof rolloutSchema>;
