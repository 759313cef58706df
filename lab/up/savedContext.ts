import * as path from 'node:path';
import { createLabContext, type LabContext, type LabContextOptions } from '../context';
import { readState } from '../state';
import { labSecrets, vaultsOf } from './labSecrets';
import { loadClusters } from './loadClusters';

/**
 * The context of the lab that an earlier `up` started, for other commands. Builds and starts nothing.
 * @param more what a command that starts something has in addition: tools, and what saves the ports
 */
export function savedContext(
  root: string,
  more: Partial<Pick<LabContextOptions, 'tools' | 'onPort'>> = {},
): LabContext {
  const dir = path.join(root, '.lab');
  const state = readState(dir);
  if (state === undefined) throw new Error('there is no lab in this checkout; `npm run lab` starts it');
  const clusters = loadClusters(root, state.prefix);
  return createLabContext({
    root,
    prefix: state.prefix,
    ports: state.ports,
    tools: { ...state.tools, ...more.tools },
    clusters,
    secrets: labSecrets(dir, vaultsOf(clusters)),
    ha: state.ha,
    plugins: state.plugins,
    onPort: more.onPort,
    moduleDir: () => {
      throw new Error('lab: module folders are available only in `lab up`');
    },
  });
}
