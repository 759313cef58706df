import type { ClusterDefinition } from '../../cluster/definition';
import { keyPath } from '../../cluster/keyPath';
import { stackFileName } from '../../cluster/names';
import { schematicsInUse } from '../../cluster/schematic';
import { officialExtensions, UnknownTalosVersion } from '../../clients/imageFactory/imageFactory';
import { messageOf } from '../../clients/userError';
import { type CheckResult, failed, ok } from './checkResult';

type Expected = Pick<ClusterDefinition, 'name' | 'imageFactory' | 'nodes' | 'schematics' | 'versions'>;

const checkOf = ({ imageFactory }: Expected) => ({
  id: 'image-factory',
  what: `Talos image factory ${new URL(imageFactory.url).host}`,
});

/** Checks that the image factory has the Talos version and every extension: it accepts any, and fails at the first pull. */
export async function checkImageFactory(definition: Expected, signal: AbortSignal): Promise<CheckResult> {
  try {
    const available = await officialExtensions(definition.imageFactory.url, definition.versions.talos, signal);
    return evaluateExtensions(definition, available);
  } catch (error) {
    signal.throwIfAborted();
    const fix =
      error instanceof UnknownTalosVersion
        ? 'correct TALOS_VERSION in the cluster settings'
        : 'make it reachable from this machine, or run preflight again';
    return failed(checkOf(definition), messageOf(error), fix);
  }
}

/** The result for the extensions that the factory has for the cluster's Talos version. */
export function evaluateExtensions(definition: Expected, available: readonly string[]): CheckResult {
  const { name, schematics, versions } = definition;
  const check = checkOf(definition);
  const used = schematicsInUse(definition).flatMap((schematic) =>
    (schematics[schematic]?.extensions ?? []).map((extension) => ({ schematic, extension })),
  );
  const extensions = [...new Set(used.map(({ extension }) => extension))];
  const unknown = extensions.filter((extension) => !available.includes(extension));
  if (unknown.length === 0) {
    const list = extensions.length === 0 ? 'no extension is needed' : `has ${extensions.join(', ')}`;
    return ok(check, `has Talos ${versions.talos}; ${list}`);
  }
  const faulty = used.filter(({ extension }) => unknown.includes(extension));
  const keys = [...new Set(faulty.map(({ schematic }) => keyPath(['schematics', schematic, 'extensions'])))];
  const similar = unknown.flatMap((extension) => {
    // A renamed extension usually keeps the start of its name.
    const word = /^siderolabs\/[a-z0-9]+/.exec(extension)?.[0];
    return word === undefined ? [] : available.filter((candidate) => candidate.startsWith(word));
  });
  const hint = similar.length === 0 ? '' : `; it has ${[...new Set(similar)].join(', ')}`;
  return failed(
    check,
    `has no extension ${unknown.join(', ')} for Talos ${versions.talos}${hint}`,
    `correct ${keys.join(' and ')} in ${stackFileName(name)}`,
  );
}
