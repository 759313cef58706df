import { machineObject } from '../../../cluster/drift/finding';
import { readChange } from '../../../cluster/rollout/configurationChanges';
import { secretMark } from '../../../cluster/talos/secretPaths';
import { isMap, type Json } from '../../../gitops/kubernetesObject';
import { tokens } from '../../../provider/resources/tokens';
import { resourceName, resourceObject } from '../../stack/exportedState';
import type { Drift, DriftFix } from '../drift';
import { changedFields, type EngineRun, type FieldChange, type ResourceStep } from './events';

/**
 * What would change: each resource that differs from the program, with its fields. A resource that a refresh found changed or gone
 * was changed past Pulumi; the others wait for a `pulumi up`.
 *
 * @param refresh what a refresh alone finds; absent if that could not be told
 */
export function evaluatePulumi(preview: EngineRun, refresh: EngineRun | undefined, fix: DriftFix): Drift[] {
  return preview.steps.flatMap((step) => {
    const read = refresh?.steps.find(({ urn }) => urn === step.urn);
    return findingsOf(step, read).map((finding) => ({ ...finding, fix }));
  });
}

function findingsOf(step: ResourceStep, read: ResourceStep | undefined): Drift[] {
  const name = resourceName(step);
  const object = objectOf(step);
  const own = resourceObject(step);
  const base = { layer: 'pulumi' as const, owner: 'Pulumi', object, ...(object !== own && { aliases: [own] }) };
  if (step.op === 'delete') {
    const why = 'it is in the state, but the program has it no longer';
    return [
      { ...base, id: 'pulumi-orphan', why, todo: 'run pulumi up, which deletes it, or put it back into the stack' },
    ];
  }
  if (step.op === 'create') {
    const gone = read?.op === 'delete';
    const why = gone ? 'it was deleted past Pulumi' : 'the program has it, but no pulumi up has created it yet';
    return [{ ...base, id: gone ? 'pulumi-gone' : 'pulumi-pending', why, todo: 'run pulumi up, which creates it' }];
  }
  const changedOutside = read !== undefined;
  const replaces = step.op === 'replace' ? 'pulumi up replaces it' : undefined;
  const shared = {
    ...base,
    id: changedOutside ? 'pulumi-changed' : 'pulumi-pending',
    todo: changedOutside
      ? 'run pulumi up --refresh, which puts it back; if it should stay, put it into the stack first'
      : 'run pulumi up',
  };
  const said = step.lines.filter((line) => readChange(line) === undefined);
  const fields = fieldsOf(step, read);
  if (fields.length === 0) {
    const why = [replaces, ...said].filter((text) => text !== undefined).join('; ');
    return [
      { ...shared, why: why || `pulumi up would update ${name}, whose provider does not say which field differs` },
    ];
  }
  return fields.map(({ field, before, after }) => ({
    ...{ ...shared, field },
    ...(after !== undefined && { wanted: after }),
    ...(before !== undefined && { found: before }),
    ...(replaces !== undefined && { why: replaces }),
  }));
}

function fieldsOf(step: ResourceStep, read: ResourceStep | undefined): FieldChange[] {
  // The configuration of a machine is one secret to the engine; its provider says which fields differ.
  const told = step.lines.flatMap((line) => readChange(line) ?? []);
  if (told.length > 0) return told;
  const fields = changedFields(step).filter(({ field }) => field !== 'stale');
  if (fields.length > 0 || read === undefined) return fields;
  // What the refresh saw, the other way round: the state before it is as the program wants it.
  return changedFields(read).flatMap(({ field, before, after }) =>
    field === 'stale'
      ? []
      : [{ field, ...(after !== undefined && { before: after }), ...(before !== undefined && { after: before }) }],
  );
}

/** How findings name what a resource manages: a machine, a Kubernetes object; otherwise the resource itself. */
export function objectOf(step: Pick<ResourceStep, 'urn' | 'type' | 'before' | 'after'>): string {
  const { type } = step;
  const name = resourceName(step);
  if (type === tokens.machineConfiguration || type === tokens.machineSystem) return machineObject(name);
  if (type === tokens.kubernetesVersion) return `Kubernetes of ${name}`;
  if (type === tokens.clusterNodes) return `nodes of ${name}`;
  if (type === tokens.talosIdentity) return `talosconfig of ${name}`;
  const values = Object.keys(step.after).length > 0 ? step.after : step.before;
  const { kind, metadata } = values;
  if (!type.startsWith('kubernetes:') || typeof kind !== 'string' || !isMap(metadata)) return resourceObject(step);
  const [objectName, namespace] = [text(metadata.name), text(metadata.namespace)];
  if (objectName === undefined) return resourceObject(step);
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${objectName}`;
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' && value !== secretMark ? value : undefined;
}
