import { type Dashboard, of, perSecond } from './dashboard';

/** Postgres: instances, replication, backups, and whether applications wait for a connection. */
export const postgres: Dashboard = {
  id: 'postgres',
  title: 'Postgres',
  panels: [
    {
      title: 'Instances that run',
      type: 'stat',
      unit: 'short',
      low: [2, 3],
      queries: [{ expr: `sum by (cluster) (${of('cnpg_collector_up')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'Age of the newest backup',
      type: 'stat',
      unit: 's',
      bad: [100_000, 129_600],
      queries: [
        {
          expr: `time() - max by (cluster) (${of('barman_cloud_cloudnative_pg_io_last_available_backup_timestamp')})`,
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'WAL files that wait for the object store',
      type: 'stat',
      unit: 'short',
      bad: [2, 5],
      queries: [
        {
          expr: `max by (cluster) (${of('cnpg_collector_pg_wal_archive_status', 'value="ready"')})`,
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'Longest wait for a connection',
      type: 'stat',
      unit: 's',
      bad: [1, 10],
      queries: [{ expr: `max by (cluster) (${of('cnpg_pgbouncer_pools_maxwait')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'Behind the primary',
      type: 'timeseries',
      unit: 's',
      queries: [{ expr: `max by (cluster, pod) (${of('cnpg_pg_replication_lag')})`, legend: '{{cluster}} {{pod}}' }],
    },
    {
      title: 'Transactions, by database',
      type: 'timeseries',
      unit: 'ops',
      queries: [
        {
          expr: `sum by (cluster, datname) (${perSecond('cnpg_pg_stat_database_xact_commit')})`,
          legend: '{{cluster}} {{datname}}',
        },
      ],
    },
    {
      title: 'Sessions, by state',
      type: 'timeseries',
      unit: 'short',
      queries: [{ expr: `sum by (cluster, state) (${of('cnpg_backends_total')})`, legend: '{{cluster}} {{state}}' }],
    },
    {
      title: 'Size of the databases',
      type: 'timeseries',
      unit: 'bytes',
      queries: [
        {
          expr: `max by (cluster, datname) (${of('cnpg_pg_database_size_bytes')})`,
          legend: '{{cluster}} {{datname}}',
        },
      ],
    },
    {
      title: 'Clients that wait, by pooler',
      type: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `sum by (cluster, database) (${of('cnpg_pgbouncer_pools_cl_waiting')})`,
          legend: '{{cluster}} {{database}}',
        },
      ],
    },
  ],
};

/** Dragonfly: its master, its memory, and its load. */
export const dragonfly: Dashboard = {
  id: 'dragonfly',
  title: 'Dragonfly',
  panels: [
    {
      title: 'Masters',
      type: 'stat',
      unit: 'short',
      low: [1, 1],
      queries: [{ expr: `sum by (cluster) (${of('dragonfly_master')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'Instances that run',
      type: 'stat',
      unit: 'short',
      low: [2, 3],
      queries: [{ expr: `count by (cluster) (${of('dragonfly_master')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'Memory in use',
      type: 'stat',
      unit: 'percentunit',
      bad: [0.7, 0.85],
      queries: [
        {
          expr: `max by (cluster) (${of('dragonfly_memory_used_bytes')}) / max by (cluster) (${of('dragonfly_memory_max_bytes')})`,
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'Hits, of all lookups',
      type: 'stat',
      unit: 'percentunit',
      queries: [
        {
          expr: `sum by (cluster) (${perSecond('dragonfly_keyspace_hits_total')}) / (sum by (cluster) (${perSecond('dragonfly_keyspace_hits_total')}) + sum by (cluster) (${perSecond('dragonfly_keyspace_misses_total')}))`,
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'Commands',
      type: 'timeseries',
      unit: 'ops',
      queries: [
        {
          expr: `sum by (cluster, pod) (${perSecond('dragonfly_commands_processed_total')})`,
          legend: '{{cluster}} {{pod}}',
        },
      ],
    },
    {
      title: 'Clients',
      type: 'timeseries',
      unit: 'short',
      queries: [
        { expr: `sum by (cluster, pod) (${of('dragonfly_connected_clients')})`, legend: '{{cluster}} {{pod}}' },
      ],
    },
    {
      title: 'Memory, by instance',
      type: 'timeseries',
      unit: 'bytes',
      queries: [
        { expr: `max by (cluster, pod) (${of('dragonfly_memory_used_bytes')})`, legend: '{{cluster}} {{pod}}' },
      ],
    },
    {
      title: 'Records that replicas lack',
      type: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `max by (cluster, pod) (${of('dragonfly_connected_replica_lag_records')})`,
          legend: '{{cluster}} {{pod}}',
        },
      ],
    },
    {
      title: 'Keys, by database',
      type: 'timeseries',
      unit: 'short',
      queries: [{ expr: `max by (cluster, db) (${of('dragonfly_db_keys')})`, legend: '{{cluster}} {{db}}' }],
    },
  ],
};
