import { actions } from './actions';
import { type Dashboard, dashboardText } from './dashboard';
import { dragonfly, postgres } from './databases';
import { cloudflared, harbor, spegel } from './delivery';
import { gitlab } from './gitlab';
import { certManager, externalSecrets, flux } from './gitops';
import { keycloak } from './identity';
import { kafka } from './messaging';
import { cilium, mesh } from './network';
import { nodes } from './nodes';
import { fluentBit, victoriaMetrics } from './observability';
import { ceph, openebs } from './storage';

/** Every dashboard, sorted by id. */
export const dashboards: readonly Dashboard[] = [
  actions,
  ceph,
  certManager,
  cilium,
  cloudflared,
  dragonfly,
  externalSecrets,
  fluentBit,
  flux,
  gitlab,
  harbor,
  kafka,
  keycloak,
  mesh,
  openebs,
  postgres,
  spegel,
  nodes,
  victoriaMetrics,
];

/** Where the files of the dashboards are, relative to the root of the repository. */
export const dashboardFolder = 'kubernetes/infrastructure/observability/grafana/dashboards';

/** The files that `npm run docs` writes. */
export function dashboardFiles(): { path: string; text: string }[] {
  return dashboards.map((dashboard) => ({
    path: `${dashboardFolder}/${dashboard.id}.json`,
    text: dashboardText(dashboard),
  }));
}
