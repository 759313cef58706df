import { type Dashboard, of, perSecond } from './dashboard';

/** Kafka: whether everything is on enough brokers, and how much goes through. */
export const kafka: Dashboard = {
  id: 'kafka',
  title: 'Kafka',
  panels: [
    {
      title: 'Brokers and controllers that answer',
      type: 'stat',
      unit: 'short',
      low: [4, 6],
      queries: [{ expr: `sum by (cluster) (${of('up', 'job="messaging/kafka",pool!=""')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'Partitions without a leader',
      type: 'stat',
      unit: 'short',
      bad: [1, 1],
      queries: [
        {
          expr: `max by (cluster) (${of('kafka_controller_kafkacontroller_offlinepartitionscount')})`,
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'Partitions with a replica behind',
      type: 'stat',
      unit: 'short',
      bad: [1, 50],
      queries: [
        {
          expr: `sum by (cluster) (${of('kafka_server_replicamanager_underreplicatedpartitions')})`,
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'Partitions',
      type: 'stat',
      unit: 'short',
      queries: [
        { expr: `sum by (cluster) (${of('kafka_server_replicamanager_partitioncount')})`, legend: '{{cluster}}' },
      ],
    },
    {
      title: 'Bytes of clients',
      type: 'timeseries',
      unit: 'Bps',
      queries: [
        {
          expr: `sum by (cluster) (${perSecond('kafka_server_brokertopicmetrics_bytesinpersec_total', 'topic!=""')})`,
          legend: '{{cluster}} in',
        },
        {
          expr: `sum by (cluster) (${perSecond('kafka_server_brokertopicmetrics_bytesoutpersec_total', 'topic!=""')})`,
          legend: '{{cluster}} out',
        },
      ],
    },
    {
      title: 'Messages, by topic',
      type: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `sum by (cluster, topic) (${perSecond('kafka_server_brokertopicmetrics_messagesinpersec_total', 'topic!=""')})`,
          legend: '{{cluster}} {{topic}}',
        },
      ],
    },
    {
      title: 'How far consumers are behind',
      type: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `sum by (cluster, consumergroup) (${of('kafka_consumergroup_lag')})`,
          legend: '{{cluster}} {{consumergroup}}',
        },
      ],
    },
    {
      title: 'Failed reconciliations',
      type: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `sum by (cluster, kind) (${perSecond('strimzi_reconciliations_failed_total')})`,
          legend: '{{cluster}} {{kind}}',
        },
      ],
    },
  ],
};
