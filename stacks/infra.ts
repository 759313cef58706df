import { clusterStack } from './cluster';

/** Platform services and storage. Nothing in it is specific to this cluster yet. */
export default () => clusterStack('infra');
