import { type Dashboard, logsOf, of, perSecond } from './dashboard';

const files = 'fstype!~"tmpfs|overlay|squashfs|iso9660"';
const links = 'device!~"lo|lxc.*|cilium.*|veth.*"';

/** Talos machines: what runs out first, and what they say themselves. */
export const nodes: Dashboard = {
  id: 'talos-nodes',
  title: 'Talos nodes',
  panels: [
    {
      title: 'Nodes that are not ready',
      type: 'stat',
      unit: 'short',
      bad: [1, 1],
      queries: [
        {
          expr: `sum by (cluster) (${of('kube_node_status_condition', 'condition="Ready",status!="true"')})`,
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'Members of etcd without a leader',
      type: 'stat',
      unit: 'short',
      bad: [1, 1],
      queries: [{ expr: `sum by (cluster) (${of('etcd_server_has_leader')} == bool 0)`, legend: '{{cluster}}' }],
    },
    {
      title: 'Time since the last boot',
      type: 'stat',
      unit: 's',
      queries: [{ expr: `time() - ${of('node_boot_time_seconds')}`, legend: '{{cluster}} {{instance}}' }],
    },
    {
      title: 'Pods of a node',
      type: 'stat',
      unit: 'short',
      bad: [90, 110],
      queries: [{ expr: `max by (cluster, node) (${of('kubelet_running_pods')})`, legend: '{{cluster}} {{node}}' }],
    },
    {
      title: 'Processors in use',
      type: 'timeseries',
      unit: 'percentunit',
      queries: [
        {
          expr: `1 - avg by (cluster, instance) (${perSecond('node_cpu_seconds_total', 'mode="idle"')})`,
          legend: '{{cluster}} {{instance}}',
        },
      ],
    },
    {
      title: 'Memory in use',
      type: 'timeseries',
      unit: 'percentunit',
      queries: [
        {
          expr: `1 - ${of('node_memory_MemAvailable_bytes')} / ${of('node_memory_MemTotal_bytes')}`,
          legend: '{{cluster}} {{instance}}',
        },
      ],
    },
    {
      title: 'File systems in use',
      type: 'timeseries',
      unit: 'percentunit',
      queries: [
        {
          expr: `1 - ${of('node_filesystem_avail_bytes', files)} / ${of('node_filesystem_size_bytes', files)}`,
          legend: '{{cluster}} {{instance}} {{mountpoint}}',
        },
      ],
    },
    {
      title: 'Traffic, received and sent',
      type: 'timeseries',
      unit: 'Bps',
      queries: [
        {
          expr: `sum by (cluster, instance) (${perSecond('node_network_receive_bytes_total', links)})`,
          legend: '{{cluster}} {{instance}} received',
        },
        {
          expr: `sum by (cluster, instance) (${perSecond('node_network_transmit_bytes_total', links)})`,
          legend: '{{cluster}} {{instance}} sent',
        },
      ],
    },
    {
      title: 'Size of etcd',
      type: 'timeseries',
      unit: 'bytes',
      queries: [{ expr: of('etcd_mvcc_db_total_size_in_bytes'), legend: '{{cluster}} {{instance}}' }],
    },
    {
      title: 'What disks are busy',
      type: 'timeseries',
      unit: 'percentunit',
      queries: [{ expr: perSecond('node_disk_io_time_seconds_total'), legend: '{{cluster}} {{instance}} {{device}}' }],
    },
    {
      title: "Talos' own logs: warnings and errors",
      type: 'logs',
      unit: 'none',
      queries: [{ expr: logsOf('source:=talos talos-level:in(warn, error)'), legend: '' }],
    },
  ],
};
