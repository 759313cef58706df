import { clusterStack } from './cluster';

/** Platform services and storage. Nothing of it is particular yet. */
export default () => clusterStack('infra');
