import type { EngineEvent } from '@pulumi/pulumi/automation';
import { isDeepStrictEqual } from 'node:util';
import { isMap, type Json } from '../../../gitops/kubernetesObject';
import { keyPath } from '../../../cluster/keyPath';
import { show } from '../../../cluster/problems';
import { hasSecretText, secretMark } from '../../../cluster/talos/secretPaths';

/** What the engine would do with a resource, or what a refresh found. */
export interface ResourceStep {
  urn: string;
  type: string;
  op: 'create' | 'update' | 'replace' | 'delete';
  /** Of the state and of the program, or of the state before and after a refresh; secrets are hidden by the engine. */
  before: Record<string, Json>;
  after: Record<string, Json>;
  /** Paths in Pulumi's notation; empty if the provider does not say. */
  paths: string[];
  /** What the provider said about it, line by line. */
  lines: string[];
}

/** A run of the engine, as its events tell it. */
export interface EngineRun {
  steps: ResourceStep[];
  /** What went wrong, with the resource if there is one. */
  errors: { urn?: string; message: string }[];
  /** How many resources it looked at. */
  seen: number;
}

const ops: Readonly<Record<string, ResourceStep['op']>> = {
  create: 'create',
  import: 'create',
  update: 'update',
  delete: 'delete',
  replace: 'replace',
  'create-replacement': 'replace',
  'delete-replaced': 'replace',
  'import-replacement': 'replace',
};

/** Reads the events of a preview: a step per resource that would change. Components and the engine's own resources are left out. */
export function readEvents(events: readonly EngineEvent[]): EngineRun {
  const steps = new Map<string, ResourceStep>();
  const lines = new Map<string, string[]>();
  const errors: EngineRun['errors'] = [];
  const seen = new Set<string>();
  for (const { resourcePreEvent, resOutputsEvent, diagnosticEvent } of events) {
    if (diagnosticEvent !== undefined) {
      const { urn = '', severity, ephemeral, message } = diagnosticEvent;
      const text = message.replace(/<\{%[^%]*%\}>/g, '').trim();
      if (text === '' || ephemeral === true) continue;
      if (severity === 'error') errors.push({ ...(urn !== '' && { urn }), message: text });
      else if (urn !== '') lines.set(urn, [...(lines.get(urn) ?? []), text]);
    }
    const metadata = (resourcePreEvent ?? resOutputsEvent)?.metadata;
    if (metadata === undefined || metadata.type.startsWith('pulumi:')) continue;
    const { urn, type, detailedDiff, diffs } = metadata;
    const state = metadata.new ?? metadata.old;
    if (state?.custom !== true) continue;
    seen.add(urn);
    const op = ops[metadata.op];
    if (op === undefined) continue;
    const known = steps.get(urn);
    steps.set(urn, {
      urn,
      type,
      // Both halves of a replacement are one step; an update that follows the read of a refresh counts.
      op: known?.op === 'replace' ? 'replace' : op,
      before: valuesOf(metadata.old) ?? known?.before ?? {},
      after: valuesOf(metadata.new) ?? known?.after ?? {},
      paths: [
        ...new Set([
          ...(known?.paths ?? []),
          ...Object.keys(detailedDiff ?? {}),
          ...(detailedDiff ? [] : (diffs ?? [])),
        ]),
      ],
      lines: [],
    });
  }
  return {
    steps: [...steps.values()].map((step) => ({ ...step, lines: lines.get(step.urn) ?? [] })),
    errors,
    seen: seen.size,
  };
}

/** The inputs, which the program decides about; of the outputs only whether a refresh found something stale. */
function valuesOf(state: { inputs?: object; outputs?: object } | null | undefined): Record<string, Json> | undefined {
  // The engine writes null for the new state of what is gone.
  if (state === null || state === undefined) return undefined;
  const { stale } = (state.outputs ?? {}) as { stale?: Json };
  return { ...(state.inputs as Record<string, Json> | undefined), ...(stale !== undefined && { stale }) };
}

/** A field that differs, with its values as text. */
export interface FieldChange {
  field: string;
  before?: string;
  after?: string;
}

/** The fields that an update changes: those that the provider names, otherwise the inputs that differ. */
export function changedFields({
  before,
  after,
  paths,
}: Pick<ResourceStep, 'before' | 'after' | 'paths'>): FieldChange[] {
  const found = paths.length > 0 ? paths.map(parsePath) : differingPaths(before, after, []);
  const changes = found.map((path) => {
    const [old, wanted] = [valueAt(before, path), valueAt(after, path)];
    return {
      field: keyPath(path),
      ...(old !== undefined && { before: shown(old) }),
      ...(wanted !== undefined && { after: shown(wanted) }),
    };
  });
  return changes.filter(({ field }) => field !== '' && !field.startsWith('__'));
}

function shown(value: Json): string {
  if (value === secretMark || hasSecretText(value)) return secretMark;
  return show(value);
}

/** The keys and indexes of a path in Pulumi's notation: `data["ca.crt"]`, `spec.rules[0].host`. */
export function parsePath(path: string): (string | number)[] {
  return [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(([, quoted, index, key]) =>
    quoted !== undefined ? quoted.replace(/\\(.)/g, '$1') : index !== undefined ? Number(index) : (key ?? ''),
  );
}

function valueAt(value: Json | undefined, path: readonly (string | number)[]): Json | undefined {
  return path.reduce<Json | undefined>((at, key) => {
    if (Array.isArray(at)) return at[Number(key)];
    return isMap(at) ? at[String(key)] : undefined;
  }, value);
}

function differingPaths(
  before: Json | undefined,
  after: Json | undefined,
  path: (string | number)[],
): (string | number)[][] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isMap(before) && isMap(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => !key.startsWith('__'));
    return keys.flatMap((key) => differingPaths(before[key], after[key], [...path, key]));
  }
  return [path];
}
