import { isMap, isScalar, Pair, parseDocument, Scalar, type YAMLMap } from 'yaml';
import type { SettingKey } from '../../cluster/settingTypes';
import { settingsConfigMap } from '../../gitops/clusterSettings';
import { catalogueEntries, type SettingGroup } from './settingCatalogue';
import { nodeOf, pairOf, setValue, textOf } from './yamlEdit';

type Entry = Pair<Scalar<string>, Scalar | null>;

/** A new file without settings; the cluster's name is in a label too. */
const emptyFile = (cluster: string): string => `---
# yaml-language-server: $schema=https://raw.githubusercontent.com/yannh/kubernetes-json-schema/master/v1.34.1/configmap-v1.json
# Values that differ between clusters or are shared by the Pulumi program and the manifests. Flux substitutes them into
# every manifest under kubernetes/ as \${KEY}. Substitution is textual and drops the surrounding quotes: a value that
# looks like a number or a boolean becomes one. \`npm run init\` writes it; what is changed or added by hand stays.
apiVersion: v1
kind: ConfigMap
metadata:
  name: ${settingsConfigMap.name}
  namespace: ${settingsConfigMap.namespace}
  labels:
    app.kubernetes.io/managed-by: flux
    cluster: ${cluster}
data: {}
`;

/**
 * The text of a cluster-settings.yaml with these settings. Other keys, comments and the order stay; settings without a user
 * go.
 * @param before the file as it is; undefined for a new one
 * @param unused settings that something used before, and nothing does now
 */
export function settingsText(
  cluster: string,
  before: string | undefined,
  values: ReadonlyMap<SettingKey, string>,
  unused: readonly string[],
): string {
  const document = parseDocument(before ?? emptyFile(cluster));
  let data = document.get('data', true) as YAMLMap;
  if (!isMap(data) || data.flow) {
    data = document.createNode({}) as YAMLMap;
    data.flow = false;
    document.set('data', data);
  }
  for (const key of unused) removeSetting(data, key);
  for (const { key, entry, group } of catalogueEntries()) {
    const value = values.get(key);
    if (value === undefined) continue;
    if (pairOf(data, key) !== undefined) setValue(document, ['data', key], value);
    else insertSetting(data, key, nodeOf(document, value) as Scalar, entry.comment, group);
  }
  return textOf(document, before);
}

const catalogue = catalogueEntries();
const order = catalogue.map(({ key }) => key as string);

/** Inserts a setting at its place in the catalogue's order, with the comments that explain it. */
function insertSetting(
  data: YAMLMap,
  key: SettingKey,
  value: Scalar,
  comment: string | undefined,
  group: SettingGroup,
): void {
  const keys = data.items.map((pair) => String((pair.key as Scalar).value));
  const earlier = keys.map((other, index) => (order.indexOf(other) < order.indexOf(key) ? index : -1));
  const after = Math.max(-1, ...earlier.filter((index) => order.includes(keys[index] ?? '')));
  const name = new Scalar<string>(key);
  const isFirst = !(keys[after] !== undefined && keys[after] in group.settings);
  const next = data.items[after + 1] as Entry | undefined;
  const explains = isFirst && next !== undefined && next.key.value in group.settings;
  const explanation = !isFirst ? undefined : explains ? takeExplanation(data, next) : group.comment;
  const text = [explanation, comment].filter((part) => part !== undefined).join('\n');
  if (text !== '') name.commentBefore = text;
  name.spaceBefore = isFirst && after >= 0;
  data.items.splice(after + 1, 0, new Pair(name, value));
}

/** Removes a setting. The explanation of its group passes to the next setting of the group. */
function removeSetting(data: YAMLMap, key: string): void {
  const index = data.items.findIndex((pair) => isScalar(pair.key) && pair.key.value === key);
  const pair = data.items[index] as Entry | undefined;
  if (pair === undefined) return;
  const group = catalogue.find((entry) => entry.key === key)?.group.settings ?? {};
  const next = data.items[index + 1] as Entry | undefined;
  if (next !== undefined && next.key.value in group && next.key.spaceBefore !== true) {
    next.key.spaceBefore = pair.key.spaceBefore === true;
    const explanation = takeExplanation(data, pair);
    const text = [explanation, next.key.commentBefore].filter(Boolean).join('\n');
    if (text !== '') next.key.commentBefore = text;
  }
  data.items.splice(index, 1);
}

/** Removes the comment about its group above a setting; what is about the setting alone stays. */
function takeExplanation(data: YAMLMap, pair: Entry): string | undefined {
  // The parser counts a comment above the first setting as one of the map.
  const holder: { commentBefore?: string | null } = data.items[0] === pair && data.commentBefore ? data : pair.key;
  const own = catalogue.find((entry) => entry.key === pair.key.value)?.entry.comment;
  const lines = (holder.commentBefore ?? '').split('\n').filter((line) => line !== '');
  const explanation = lines.filter((line) => line !== own);
  holder.commentBefore = lines.filter((line) => line === own).join('\n') || null;
  pair.key.spaceBefore = false;
  return explanation.length === 0 ? undefined : explanation.join('\n');
}
