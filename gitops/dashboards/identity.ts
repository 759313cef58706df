import { type Dashboard, of, perSecond } from './dashboard';

const requests = 'http_server_requests_seconds_count';

/** Keycloak: whether people can sign in. */
export const keycloak: Dashboard = {
  id: 'keycloak',
  title: 'Keycloak',
  panels: [
    {
      title: 'Pods that answer',
      type: 'stat',
      unit: 'short',
      low: [1, 2],
      queries: [{ expr: `sum by (cluster) (${of('up', 'job="keycloak"')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'Requests that fail',
      type: 'stat',
      unit: 'percentunit',
      bad: [0.01, 0.05],
      queries: [
        {
          expr: `sum by (cluster) (${perSecond(requests, 'job="keycloak",outcome="SERVER_ERROR"')}) / sum by (cluster) (${perSecond(requests, 'job="keycloak"')})`,
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'Requests at this moment',
      type: 'stat',
      unit: 'short',
      queries: [
        { expr: `sum by (cluster) (${of('http_server_active_requests', 'job="keycloak"')})`, legend: '{{cluster}}' },
      ],
    },
    {
      title: 'Requests that wait for the database',
      type: 'stat',
      unit: 'short',
      bad: [1, 5],
      queries: [{ expr: `sum by (cluster) (${of('agroal_awaiting_count', 'job="keycloak"')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'Requests, by outcome',
      type: 'timeseries',
      unit: 'reqps',
      queries: [
        {
          expr: `sum by (cluster, outcome) (${perSecond(requests, 'job="keycloak"')})`,
          legend: '{{cluster}} {{outcome}}',
        },
      ],
    },
    {
      title: 'Requests, by path',
      type: 'timeseries',
      unit: 'reqps',
      queries: [
        {
          expr: `sum by (cluster, uri) (${perSecond(requests, 'job="keycloak"')})`,
          legend: '{{cluster}} {{uri}}',
        },
      ],
    },
  ],
};
