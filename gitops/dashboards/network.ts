import { type Dashboard, of, perSecond } from './dashboard';

/** Cilium and Hubble: whether pods are connected, and what is not let through. */
export const cilium: Dashboard = {
  id: 'cilium',
  title: 'Cilium and Hubble',
  panels: [
    {
      title: 'Nodes that an agent cannot reach',
      type: 'stat',
      unit: 'short',
      bad: [1, 1],
      queries: [{ expr: `max by (cluster) (${of('cilium_unreachable_nodes')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'Endpoints that are not ready',
      type: 'stat',
      unit: 'short',
      bad: [1, 5],
      queries: [
        {
          expr: `sum by (cluster) (${of('cilium_endpoint_state', 'endpoint_state!="ready"')})`,
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'Controllers that fail',
      type: 'stat',
      unit: 'short',
      bad: [1, 5],
      queries: [{ expr: `sum by (cluster) (${of('cilium_controllers_failing')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'The fullest BPF map',
      type: 'stat',
      unit: 'percentunit',
      bad: [0.7, 0.9],
      queries: [
        { expr: `max by (cluster, map_name) (${of('cilium_bpf_map_pressure')})`, legend: '{{cluster}} {{map_name}}' },
      ],
    },
    {
      title: 'Packets dropped, by reason',
      type: 'timeseries',
      unit: 'pps',
      queries: [
        {
          expr: `sum by (cluster, reason, direction) (${perSecond('cilium_drop_count_total')})`,
          legend: '{{cluster}} {{reason}} {{direction}}',
        },
      ],
    },
    {
      title: 'Flows that Hubble saw, by verdict',
      type: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `sum by (cluster, verdict) (${perSecond('hubble_flows_processed_total')})`,
          legend: '{{cluster}} {{verdict}}',
        },
      ],
    },
    {
      title: 'Traffic of pods',
      type: 'timeseries',
      unit: 'Bps',
      queries: [
        {
          expr: `sum by (cluster, direction) (${perSecond('cilium_forward_bytes_total')})`,
          legend: '{{cluster}} {{direction}}',
        },
      ],
    },
    {
      title: 'DNS queries of pods',
      type: 'timeseries',
      unit: 'reqps',
      queries: [{ expr: `sum by (cluster) (${perSecond('hubble_dns_queries_total')})`, legend: '{{cluster}} queries' }],
    },
  ],
};

/** The mesh between the clusters, as each of them sees the others. */
export const mesh: Dashboard = {
  id: 'mesh',
  title: 'Cluster mesh',
  panels: [
    {
      title: 'Other clusters',
      type: 'stat',
      unit: 'short',
      low: [1, 1],
      queries: [{ expr: `min by (cluster) (${of('cilium_clustermesh_remote_clusters')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'Connected agents, of all',
      type: 'stat',
      unit: 'percentunit',
      low: [0.5, 1],
      queries: [
        {
          expr: `avg by (cluster, target_cluster) (${of('cilium_clustermesh_remote_cluster_readiness_status')})`,
          legend: '{{cluster}} to {{target_cluster}}',
        },
      ],
    },
    {
      title: 'KVStoreMesh connected',
      type: 'stat',
      unit: 'short',
      low: [1, 1],
      names: { 0: 'no', 1: 'yes' },
      queries: [
        {
          expr: `min by (cluster, target_cluster) (${of('cilium_kvstoremesh_remote_cluster_readiness_status')})`,
          legend: '{{cluster}} to {{target_cluster}}',
        },
      ],
    },
    {
      title: 'Global Services',
      type: 'stat',
      unit: 'short',
      queries: [{ expr: `max by (cluster) (${of('cilium_clustermesh_global_services')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'Nodes known of the other cluster',
      type: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `min by (cluster, target_cluster) (${of('cilium_clustermesh_remote_cluster_nodes')})`,
          legend: '{{cluster}} of {{target_cluster}}',
        },
      ],
    },
    {
      title: 'Connections lost',
      type: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `sum by (cluster, target_cluster) (increase(${of('cilium_clustermesh_remote_cluster_failures')}[5m]))`,
          legend: '{{cluster}} to {{target_cluster}}',
        },
      ],
    },
  ],
};
