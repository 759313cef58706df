import { type Dashboard, of, perSecond } from './dashboard';

const requests = (labels = ''): string =>
  perSecond('http_requests_total', `job="gitlab-webservice-default"${labels === '' ? '' : `,${labels}`}`);

/** GitLab and its runner: whether people and pipelines get what they ask for. */
export const gitlab: Dashboard = {
  id: 'gitlab',
  title: 'GitLab',
  panels: [
    {
      title: 'Requests that fail, of all',
      type: 'stat',
      unit: 'percentunit',
      bad: [0.01, 0.05],
      queries: [
        {
          expr: `sum by (cluster) (${requests('status=~"5.."')}) / sum by (cluster) (${requests()})`,
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'Oldest job in a queue',
      type: 'stat',
      unit: 's',
      bad: [60, 600],
      queries: [{ expr: `max by (cluster) (${of('sidekiq_queue_latency_seconds')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'Requests that wait for a thread',
      type: 'stat',
      unit: 'short',
      bad: [1, 10],
      queries: [{ expr: `sum by (cluster) (${of('puma_queued_connections')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'Jobs of pipelines that run',
      type: 'stat',
      unit: 'short',
      queries: [{ expr: `sum by (cluster) (${of('gitlab_runner_jobs')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'Requests, by result',
      type: 'timeseries',
      unit: 'reqps',
      queries: [{ expr: `sum by (cluster, status) (${requests()})`, legend: '{{cluster}} {{status}}' }],
    },
    {
      title: 'Background jobs that wait, by queue',
      type: 'timeseries',
      unit: 'short',
      queries: [{ expr: `sum by (cluster, name) (${of('sidekiq_queue_size')})`, legend: '{{cluster}} {{name}}' }],
    },
    {
      title: 'Calls to Gitaly, by result',
      type: 'timeseries',
      unit: 'reqps',
      queries: [
        {
          expr: `sum by (cluster, grpc_code) (${perSecond('grpc_server_handled_total', 'job="gitlab-gitaly"')})`,
          legend: '{{cluster}} {{grpc_code}}',
        },
      ],
    },
    {
      title: 'Jobs of pipelines that failed, by reason',
      type: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `sum by (cluster, failure_reason) (increase(${of('gitlab_runner_failed_jobs_total')}[1h]))`,
          legend: '{{cluster}} {{failure_reason}}',
        },
      ],
    },
    {
      title: 'What GitLab answers the runner',
      type: 'timeseries',
      unit: 'reqps',
      queries: [
        {
          expr: `sum by (cluster, status) (${perSecond('gitlab_runner_api_request_statuses_total')})`,
          legend: '{{cluster}} {{status}}',
        },
      ],
    },
  ],
};
