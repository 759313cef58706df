import { isMap, type Json, type JsonMap } from '../../../gitops/kubernetesObject';
import { isAtLeast } from '../../../gitops/version';
import { baseConfigurations } from './base';
import { patchConfiguration } from './configuration';
import { DocumentError } from './values';

/** What a machine's configuration is generated from, as the Talos provider takes it. */
export interface ConfigurationInput {
  clusterName: string;
  /** `https://<host>:<port>` */
  clusterEndpoint: string;
  machineType: 'controlplane' | 'worker';
  /** The format, such as `v1.11` or `v1.11.2`. */
  talosVersion: string;
  /** With or without a leading `v`. */
  kubernetesVersion: string;
  /** YAML. */
  patches: readonly string[];
}

/**
 * The documents of a machine's configuration, as the Talos provider generates it, without Go. Exactly what the library makes of
 * the same input, but it does not validate the result: `tests/lab/talosLibrary.test.ts` compares both.
 * @param generated the text in place of a value that is generated at random, by its path, such as `machine.token`
 * @throws DocumentError for a format that is too old, and for patches that the library refuses
 */
export function generateConfiguration(input: ConfigurationInput, generated: (path: string) => string): JsonMap[] {
  const format = baseConfigurations.formats.findLast(({ since }) => isAtLeast(input.talosVersion, since.slice(1)));
  if (format === undefined) {
    const oldest = baseConfigurations.formats[0]?.since ?? '';
    throw new DocumentError(['talosVersion'], input.talosVersion, `${oldest} or later, whose format the program knows`);
  }
  const texts: [string, string][] = [
    ['CLUSTER_NAME', input.clusterName],
    ['KUBERNETES_VERSION', input.kubernetesVersion.replace(/^v/, '')],
    ['https://cluster-endpoint:6443', input.clusterEndpoint],
    ['cluster-endpoint', new URL(input.clusterEndpoint).hostname.replace(/^\[|\]$/g, '')],
  ];
  const filled = (value: Json, path: readonly string[]): Json => {
    if (value === '***') return generated(path.join('.'));
    if (typeof value === 'string') return texts.reduce((text, [from, to]) => text.replace(from, () => to), value);
    if (Array.isArray(value)) return value.map((item, index) => filled(item, [...path, String(index)]));
    return isMap(value) ? filledMap(value, path) : value;
  };
  const filledMap = (map: JsonMap, path: readonly string[]): JsonMap =>
    Object.fromEntries(Object.entries(map).map(([key, value]) => [key, filled(value ?? null, [...path, key])]));
  return patchConfiguration(
    format[input.machineType].map((document) => filledMap(document, [])),
    input.patches,
  );
}
