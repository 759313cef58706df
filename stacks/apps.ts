import { clusterStack } from './cluster';

/** Application workloads. Nothing in it is specific to this cluster yet. */
export default () => clusterStack('apps');
