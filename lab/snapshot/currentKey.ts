import * as path from 'node:path';
import { labTools, sourceModules, tools } from '../../tools/manifest';
import { toolKey } from '../../tools/toolKey';
import type { SnapshotKey } from './record';

/** Changes when a snapshot or `.lab/state.json` (its `format`) can no longer be read as before. */
const format = '1.2';

/** The key of a checkout: what a snapshot must have been taken with. */
export function currentKey(root: string): SnapshotKey {
  const folder = path.join(root, 'tools');
  return {
    format,
    tools: Object.fromEntries(labTools.map((name) => [name, toolKey(tools[name], folder)])),
    modules: Object.fromEntries(
      Object.entries(sourceModules).map(([name, pin]) => [name, `${pin.version} ${pin.sum}`]),
    ),
  };
}
