import { type Dashboard, of, perSecond } from './dashboard';

/** Spegel: whether nodes get images from one another. */
export const spegel: Dashboard = {
  id: 'spegel',
  title: 'Spegel',
  panels: [
    {
      title: 'Images found on a neighbour, of all',
      type: 'stat',
      unit: 'percentunit',
      low: [0.2, 0.5],
      queries: [
        {
          expr: `sum by (cluster) (increase(${of('spegel_mirror_requests_total', 'cache="hit"')}[1h])) / sum by (cluster) (increase(${of('spegel_mirror_requests_total')}[1h]))`,
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'Images that the nodes offer',
      type: 'stat',
      unit: 'short',
      queries: [{ expr: `sum by (cluster) (${of('spegel_advertised_images')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'Layers and manifests that they offer',
      type: 'stat',
      unit: 'short',
      queries: [{ expr: `sum by (cluster) (${of('spegel_advertised_keys')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'Requests, by result',
      type: 'timeseries',
      unit: 'reqps',
      queries: [
        {
          expr: `sum by (cluster, cache) (${perSecond('spegel_mirror_requests_total')})`,
          legend: '{{cluster}} {{cache}}',
        },
      ],
    },
    {
      title: 'Requests, by registry',
      type: 'timeseries',
      unit: 'reqps',
      queries: [
        {
          expr: `sum by (cluster, registry) (${perSecond('spegel_mirror_requests_total')})`,
          legend: '{{cluster}} {{registry}}',
        },
      ],
    },
    {
      title: 'Time to find a neighbour, 95th percentile',
      type: 'timeseries',
      unit: 's',
      queries: [
        {
          expr: `histogram_quantile(0.95, sum by (cluster, le) (${perSecond('spegel_resolve_duration_seconds_bucket')}))`,
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'What each node offers',
      type: 'timeseries',
      unit: 'short',
      queries: [{ expr: `${of('spegel_advertised_keys')}`, legend: '{{cluster}} {{pod}}' }],
    },
  ],
};

/** cloudflared: whether the tunnel carries what people ask for. */
export const cloudflared: Dashboard = {
  id: 'cloudflared',
  title: 'cloudflared',
  panels: [
    {
      title: 'Connections to Cloudflare',
      type: 'stat',
      unit: 'short',
      low: [1, 4],
      queries: [{ expr: `min by (cluster) (${of('cloudflared_tunnel_ha_connections')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'Requests that fail',
      type: 'stat',
      unit: 'percentunit',
      bad: [0.01, 0.05],
      queries: [
        {
          expr: `sum by (cluster) (${perSecond('cloudflared_tunnel_request_errors')}) / sum by (cluster) (${perSecond('cloudflared_tunnel_total_requests')})`,
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'Requests at this moment',
      type: 'stat',
      unit: 'short',
      queries: [
        {
          expr: `sum by (cluster) (${of('cloudflared_tunnel_concurrent_requests_per_tunnel')})`,
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'Requests, by status',
      type: 'timeseries',
      unit: 'reqps',
      queries: [
        {
          expr: `sum by (cluster, status_code) (${perSecond('cloudflared_tunnel_response_by_code')})`,
          legend: '{{cluster}} {{status_code}}',
        },
      ],
    },
    {
      title: 'Connections of each pod',
      type: 'timeseries',
      unit: 'short',
      queries: [{ expr: `${of('cloudflared_tunnel_ha_connections')}`, legend: '{{cluster}} {{pod}}' }],
    },
    {
      title: 'Round trip to Cloudflare',
      type: 'timeseries',
      unit: 'ms',
      queries: [{ expr: `max by (cluster, pod) (${of('quic_client_smoothed_rtt')})`, legend: '{{cluster}} {{pod}}' }],
    },
    {
      title: 'Packets lost',
      type: 'timeseries',
      unit: 'pps',
      queries: [
        { expr: `sum by (cluster, pod) (${perSecond('quic_client_lost_packets')})`, legend: '{{cluster}} {{pod}}' },
      ],
    },
  ],
};

/** Harbor: whether it works, how much it stores, and what waits. */
export const harbor: Dashboard = {
  id: 'harbor',
  title: 'Harbor',
  panels: [
    {
      title: 'Components that are not healthy',
      type: 'stat',
      unit: 'short',
      bad: [1, 1],
      queries: [{ expr: `sum by (cluster) (1 - ${of('harbor_up')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'Requests that fail, of all',
      type: 'stat',
      unit: 'percentunit',
      bad: [0.01, 0.05],
      queries: [
        {
          expr: `sum by (cluster) (${perSecond('harbor_core_http_request_total', 'code=~"5.."')}) / sum by (cluster) (${perSecond('harbor_core_http_request_total')})`,
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'Stored',
      type: 'stat',
      unit: 'bytes',
      queries: [
        { expr: `max by (cluster) (${of('harbor_statistics_total_storage_consumption')})`, legend: '{{cluster}}' },
      ],
    },
    {
      title: 'Projects',
      type: 'stat',
      unit: 'short',
      queries: [{ expr: `sum by (cluster) (${of('harbor_project_total')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'Requests, by result',
      type: 'timeseries',
      unit: 'reqps',
      queries: [
        {
          expr: `sum by (cluster, code) (${perSecond('harbor_core_http_request_total')})`,
          legend: '{{cluster}} {{code}}',
        },
      ],
    },
    {
      title: 'Requests under way',
      type: 'timeseries',
      unit: 'short',
      queries: [
        { expr: `sum by (cluster, pod) (${of('harbor_core_http_inflight_requests')})`, legend: '{{cluster}} {{pod}}' },
      ],
    },
    {
      title: 'Jobs that wait',
      type: 'timeseries',
      unit: 'short',
      queries: [{ expr: `sum by (cluster, type) (${of('harbor_task_queue_size')})`, legend: '{{cluster}} {{type}}' }],
    },
    {
      title: 'Jobs done, by result',
      type: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `sum by (cluster, status) (increase(${of('harbor_jobservice_task_total')}[1h]))`,
          legend: '{{cluster}} {{status}}',
        },
      ],
    },
  ],
};
