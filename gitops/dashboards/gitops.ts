import { type Dashboard, logsOf, of, orZero, perSecond } from './dashboard';

const percentile = (metric: string): string =>
  `histogram_quantile(0.95, sum by (cluster, kind, le) (${perSecond(metric)}))`;

/** Flux: what is not as Git says, and how long it takes. */
export const flux: Dashboard = {
  id: 'flux',
  title: 'Flux',
  panels: [
    {
      title: 'Flux itself',
      type: 'stat',
      unit: 'short',
      low: [1, 1],
      names: { 0: 'not ready', 1: 'ready' },
      queries: [
        {
          expr: orZero(`max by (cluster) (${of('flux_instance_info', 'ready="True"')})`, 'flux_instance_info'),
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'Objects that are not ready',
      type: 'stat',
      unit: 'short',
      bad: [1, 5],
      queries: [
        {
          expr: orZero(
            `count by (cluster) (${of('flux_resource_info', 'ready="False",suspended="False"')})`,
            'flux_resource_info',
          ),
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'Suspended',
      type: 'stat',
      unit: 'short',
      bad: [1, 10],
      queries: [
        {
          expr: orZero(`count by (cluster) (${of('flux_resource_info', 'suspended="True"')})`, 'flux_resource_info'),
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'Objects',
      type: 'stat',
      unit: 'short',
      queries: [{ expr: `count by (cluster) (${of('flux_resource_info')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'What is not ready',
      type: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `max by (cluster, kind, exported_namespace, name, reason) (${of('flux_resource_info', 'ready="False"')})`,
          legend: '{{cluster}} {{kind}} {{exported_namespace}}/{{name}}: {{reason}}',
        },
      ],
    },
    {
      title: 'Duration of reconciliations, 95th percentile',
      type: 'timeseries',
      unit: 's',
      queries: [{ expr: percentile('gotk_reconcile_duration_seconds_bucket'), legend: '{{cluster}} {{kind}}' }],
    },
    {
      title: 'Failed reconciliations',
      type: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `sum by (cluster, controller) (${perSecond('controller_runtime_reconcile_errors_total', 'namespace="flux-system"')})`,
          legend: '{{cluster}} {{controller}}',
        },
      ],
    },
    {
      title: 'Waiting objects',
      type: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `sum by (cluster, name) (${of('workqueue_depth', 'namespace="flux-system"')})`,
          legend: '{{cluster}} {{name}}',
        },
      ],
    },
    {
      title: 'Errors in the logs of Flux',
      type: 'logs',
      unit: 'none',
      queries: [{ expr: logsOf('kubernetes.namespace_name:=flux-system _msg:error'), legend: '' }],
    },
  ],
};

/** cert-manager: what expires, and what is not issued. */
export const certManager: Dashboard = {
  id: 'cert-manager',
  title: 'cert-manager',
  panels: [
    {
      title: 'Certificates that are not ready',
      type: 'stat',
      unit: 'short',
      bad: [1, 3],
      queries: [
        {
          expr: `sum by (cluster) (${of('certmanager_certificate_ready_status', 'condition!="True"')})`,
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'The next certificate ends in',
      type: 'stat',
      unit: 's',
      low: [604800, 1814400],
      queries: [
        {
          expr: `min by (cluster) (${of('certmanager_certificate_expiration_timestamp_seconds')}) - time()`,
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'Certificates',
      type: 'stat',
      unit: 'short',
      queries: [
        {
          expr: `count by (cluster) (${of('certmanager_certificate_expiration_timestamp_seconds')})`,
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'Time left, by certificate',
      type: 'timeseries',
      unit: 's',
      queries: [
        {
          expr: `${of('certmanager_certificate_expiration_timestamp_seconds')} - time()`,
          legend: '{{cluster}} {{exported_namespace}}/{{name}}',
        },
      ],
    },
    {
      title: 'Requests to issuers, by answer',
      type: 'timeseries',
      unit: 'reqps',
      queries: [
        {
          expr: `sum by (cluster, host, status) (${perSecond('certmanager_http_acme_client_request_count')})`,
          legend: '{{cluster}} {{host}} {{status}}',
        },
      ],
    },
    {
      title: 'Failed synchronizations',
      type: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `sum by (cluster, controller) (${perSecond('certmanager_controller_sync_error_count')})`,
          legend: '{{cluster}} {{controller}}',
        },
      ],
    },
  ],
};

/** external-secrets: whether Secrets follow the vault. */
export const externalSecrets: Dashboard = {
  id: 'external-secrets',
  title: 'external-secrets',
  panels: [
    {
      title: 'ExternalSecrets that are not ready',
      type: 'stat',
      unit: 'short',
      bad: [1, 3],
      queries: [
        {
          expr: `sum by (cluster) (${of('externalsecret_status_condition', 'condition="Ready",status="False"')})`,
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'Stores that are not ready',
      type: 'stat',
      unit: 'short',
      bad: [1, 1],
      queries: [
        {
          expr: `sum by (cluster) (${of('clustersecretstore_status_condition', 'condition="Ready",status="False"')})`,
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'ExternalSecrets',
      type: 'stat',
      unit: 'short',
      queries: [
        {
          expr: `sum by (cluster) (${of('externalsecret_status_condition', 'condition="Ready",status="True"')})`,
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'What is not ready',
      type: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `${of('externalsecret_status_condition', 'condition="Ready",status="False"')} == 1`,
          legend: '{{cluster}} {{exported_namespace}}/{{name}}',
        },
      ],
    },
    {
      title: 'Synchronizations and their errors',
      type: 'timeseries',
      unit: 'short',
      queries: [
        { expr: `sum by (cluster) (${perSecond('externalsecret_sync_calls_total')})`, legend: '{{cluster}} all' },
        { expr: `sum by (cluster) (${perSecond('externalsecret_sync_calls_error')})`, legend: '{{cluster}} failed' },
      ],
    },
    {
      title: 'Duration of the last synchronization',
      type: 'timeseries',
      unit: 'ns',
      queries: [
        { expr: `max by (cluster) (${of('externalsecret_reconcile_duration')})`, legend: '{{cluster}} the slowest' },
      ],
    },
  ],
};
