import { type Dashboard, of, perSecond } from './dashboard';

/** VictoriaMetrics: whether metrics arrive, are kept and become alerts. */
export const victoriaMetrics: Dashboard = {
  id: 'victoria-metrics',
  title: 'VictoriaMetrics',
  panels: [
    {
      title: 'Samples that arrive in a second',
      type: 'stat',
      unit: 'short',
      queries: [{ expr: `sum by (cluster) (${perSecond('vm_rows_inserted_total')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'Space left for metrics',
      type: 'stat',
      unit: 'bytes',
      low: [2147483648, 10737418240],
      queries: [{ expr: `min by (cluster) (${of('vm_free_disk_space_bytes')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'Waiting to be sent',
      type: 'stat',
      unit: 'bytes',
      bad: [104857600, 1073741824],
      queries: [{ expr: `sum by (cluster) (${of('vmagent_remotewrite_pending_data_bytes')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'Alerts that fire',
      type: 'stat',
      unit: 'short',
      bad: [1, 10],
      queries: [{ expr: `sum by (cluster) (${of('vmalert_alerts_firing')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'Requests at the front door, by user',
      type: 'timeseries',
      unit: 'reqps',
      queries: [
        {
          expr: `sum by (cluster, username) (${perSecond('vmauth_user_requests_total')})`,
          legend: '{{cluster}} {{username}}',
        },
        {
          expr: `sum by (cluster, username) (${perSecond('vmauth_user_request_errors_total')})`,
          legend: '{{cluster}} {{username}} failed',
        },
      ],
    },
    {
      title: 'Samples written, by storage node',
      type: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `sum by (cluster, pod) (${perSecond('vm_rows_added_to_storage_total')})`,
          legend: '{{cluster}} {{pod}}',
        },
      ],
    },
    {
      title: 'Sending: retries and dropped blocks',
      type: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `sum by (cluster) (${perSecond('vmagent_remotewrite_retries_count_total')})`,
          legend: '{{cluster}} retries',
        },
        {
          expr: `sum by (cluster) (${perSecond('vmagent_remotewrite_packets_dropped_total')})`,
          legend: '{{cluster}} dropped',
        },
      ],
    },
    {
      title: 'Rules: failed evaluations and unsent alerts',
      type: 'timeseries',
      unit: 'short',
      queries: [
        { expr: `sum by (cluster) (${perSecond('vmalert_execution_errors_total')})`, legend: '{{cluster}} failed' },
        { expr: `sum by (cluster) (${perSecond('vmalert_alerts_send_errors_total')})`, legend: '{{cluster}} unsent' },
      ],
    },
    {
      title: 'Stored metrics',
      type: 'timeseries',
      unit: 'bytes',
      queries: [{ expr: `sum by (cluster, pod) (${of('vm_data_size_bytes')})`, legend: '{{cluster}} {{pod}}' }],
    },
    {
      title: 'Slow and failed requests',
      type: 'timeseries',
      unit: 'short',
      queries: [
        { expr: `sum by (cluster) (${perSecond('vm_slow_queries_total')})`, legend: '{{cluster}} slow' },
        { expr: `sum by (cluster) (${perSecond('vm_http_request_errors_total')})`, legend: '{{cluster}} failed' },
      ],
    },
  ],
};

/** Fluent Bit and VictoriaLogs: whether logs arrive. */
export const fluentBit: Dashboard = {
  id: 'fluent-bit',
  title: 'Fluent Bit',
  panels: [
    {
      title: 'Lines read in a second',
      type: 'stat',
      unit: 'short',
      queries: [{ expr: `sum by (cluster) (${perSecond('fluentbit_input_records_total')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'Lines lost in the last hour',
      type: 'stat',
      unit: 'short',
      bad: [1, 1000],
      queries: [
        {
          expr: `sum by (cluster) (increase(${of('fluentbit_output_dropped_records_total')}[1h]))`,
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'Chunks that wait on disk',
      type: 'stat',
      unit: 'short',
      bad: [100, 500],
      queries: [{ expr: `sum by (cluster) (${of('fluentbit_storage_fs_chunks')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'Space left for logs',
      type: 'stat',
      unit: 'bytes',
      low: [2147483648, 10737418240],
      queries: [{ expr: `min by (cluster) (${of('vl_free_disk_space_bytes')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'Lines read, by source',
      type: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `sum by (cluster, name) (${perSecond('fluentbit_input_records_total')})`,
          legend: '{{cluster}} {{name}}',
        },
      ],
    },
    {
      title: 'Sent to the store',
      type: 'timeseries',
      unit: 'Bps',
      queries: [
        { expr: `sum by (cluster) (${perSecond('fluentbit_output_proc_bytes_total')})`, legend: '{{cluster}}' },
      ],
    },
    {
      title: 'Retries and errors',
      type: 'timeseries',
      unit: 'short',
      queries: [
        { expr: `sum by (cluster) (${perSecond('fluentbit_output_retries_total')})`, legend: '{{cluster}} retries' },
        { expr: `sum by (cluster) (${perSecond('fluentbit_output_errors_total')})`, legend: '{{cluster}} errors' },
      ],
    },
    {
      title: 'Lines that the store took',
      type: 'timeseries',
      unit: 'short',
      queries: [
        { expr: `sum by (cluster, type) (${perSecond('vl_rows_ingested_total')})`, legend: '{{cluster}} {{type}}' },
      ],
    },
  ],
};
