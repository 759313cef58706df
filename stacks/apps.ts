import { clusterStack } from './cluster';

/** Application workloads. Nothing of it is particular yet. */
export default () => clusterStack('apps');
