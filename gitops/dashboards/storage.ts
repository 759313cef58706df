import { type Dashboard, of, perSecond } from './dashboard';

/** Ceph: its health, its space and how fast it answers. */
export const ceph: Dashboard = {
  id: 'ceph',
  title: 'Ceph',
  panels: [
    {
      title: 'Health',
      type: 'stat',
      unit: 'short',
      bad: [1, 2],
      names: { 0: 'HEALTH_OK', 1: 'HEALTH_WARN', 2: 'HEALTH_ERR' },
      queries: [{ expr: `max by (cluster) (${of('ceph_health_status')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'Raw space in use',
      type: 'stat',
      unit: 'percentunit',
      bad: [0.7, 0.85],
      queries: [
        {
          expr: `max by (cluster) (${of('ceph_cluster_total_used_raw_bytes')}) / max by (cluster) (${of('ceph_cluster_total_bytes')})`,
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'OSDs that are down',
      type: 'stat',
      unit: 'short',
      bad: [1, 2],
      queries: [
        {
          expr: `count by (cluster) (${of('ceph_osd_metadata')}) - sum by (cluster) (${of('ceph_osd_up')})`,
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'Placement groups that are not clean',
      type: 'stat',
      unit: 'short',
      bad: [1, 50],
      queries: [
        {
          expr: `sum by (cluster) (${of('ceph_pg_total')}) - sum by (cluster) (${of('ceph_pg_clean')})`,
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'Throughput',
      type: 'timeseries',
      unit: 'Bps',
      queries: [
        { expr: `sum by (cluster) (${perSecond('ceph_osd_op_r_out_bytes')})`, legend: '{{cluster}} read' },
        { expr: `sum by (cluster) (${perSecond('ceph_osd_op_w_in_bytes')})`, legend: '{{cluster}} written' },
      ],
    },
    {
      title: 'Operations',
      type: 'timeseries',
      unit: 'iops',
      queries: [
        { expr: `sum by (cluster) (${perSecond('ceph_osd_op_r')})`, legend: '{{cluster}} read' },
        { expr: `sum by (cluster) (${perSecond('ceph_osd_op_w')})`, legend: '{{cluster}} written' },
      ],
    },
    {
      title: 'Latency of writes to a disk',
      type: 'timeseries',
      unit: 'ms',
      queries: [{ expr: of('ceph_osd_commit_latency_ms'), legend: '{{cluster}} {{ceph_daemon}}' }],
    },
    {
      title: 'Space in use, by pool',
      type: 'timeseries',
      unit: 'bytes',
      queries: [
        {
          expr: `${of('ceph_pool_stored')} * on (cluster, pool_id) group_left (name) ${of('ceph_pool_metadata')}`,
          legend: '{{cluster}} {{name}}',
        },
      ],
    },
    {
      title: 'Monitors in quorum',
      type: 'timeseries',
      unit: 'short',
      queries: [{ expr: `sum by (cluster) (${of('ceph_mon_quorum_status')})`, legend: '{{cluster}}' }],
    },
  ],
};

const claims = of('kube_persistentvolumeclaim_info', 'storageclass="openebs-local-nvme"');
const ofClaims = `on (cluster, namespace, persistentvolumeclaim) group_left ${claims}`;
const disk = 'mountpoint=~"/var/mnt/openebs.*"';

/** OpenEBS: local volumes share a disk, and have no size that anything enforces. */
export const openebs: Dashboard = {
  id: 'openebs',
  title: 'OpenEBS',
  panels: [
    {
      title: 'Volumes',
      type: 'stat',
      unit: 'short',
      queries: [{ expr: `count by (cluster) (${claims})`, legend: '{{cluster}}' }],
    },
    {
      title: 'Claims that are not bound',
      type: 'stat',
      unit: 'short',
      bad: [1, 5],
      queries: [
        {
          expr: `sum by (cluster) (${of('kube_persistentvolumeclaim_status_phase', 'phase!="Bound"')} * ${ofClaims})`,
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'The fullest disk',
      type: 'stat',
      unit: 'percentunit',
      bad: [0.75, 0.9],
      queries: [
        {
          expr: `max by (cluster) (1 - ${of('node_filesystem_avail_bytes', disk)} / ${of('node_filesystem_size_bytes', disk)})`,
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'Provisioner',
      type: 'stat',
      unit: 'short',
      low: [1, 1],
      names: { 0: 'down' },
      queries: [
        {
          expr: `min by (cluster) (${of('kube_deployment_status_replicas_available', 'namespace="openebs-system"')})`,
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'Disks in use',
      type: 'timeseries',
      unit: 'percentunit',
      queries: [
        {
          expr: `1 - ${of('node_filesystem_avail_bytes', disk)} / ${of('node_filesystem_size_bytes', disk)}`,
          legend: '{{cluster}} {{instance}}',
        },
      ],
    },
    {
      title: 'What each volume holds',
      type: 'timeseries',
      unit: 'bytes',
      queries: [
        {
          expr: `${of('kubelet_volume_stats_used_bytes')} * ${ofClaims}`,
          legend: '{{cluster}} {{namespace}}/{{persistentvolumeclaim}}',
        },
      ],
    },
  ],
};
