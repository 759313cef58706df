import { type Dashboard, of, perSecond } from './dashboard';

/** GitHub Actions: whether jobs find a runner. */
export const actions: Dashboard = {
  id: 'actions',
  title: 'GitHub Actions',
  panels: [
    {
      title: 'Jobs that run',
      type: 'stat',
      unit: 'short',
      queries: [{ expr: `sum by (cluster) (${of('gha_running_jobs')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'Jobs that wait',
      type: 'stat',
      unit: 'short',
      bad: [1, 10],
      queries: [
        {
          expr: `sum by (cluster) (${of('gha_assigned_jobs')}) - sum by (cluster) (${of('gha_running_jobs')})`,
          legend: '{{cluster}}',
        },
      ],
    },
    {
      title: 'Runners that cannot start',
      type: 'stat',
      unit: 'short',
      bad: [1, 5],
      queries: [{ expr: `sum by (cluster) (${of('gha_controller_failed_ephemeral_runners')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'Runners at most',
      type: 'stat',
      unit: 'short',
      queries: [{ expr: `sum by (cluster) (${of('gha_max_runners')})`, legend: '{{cluster}}' }],
    },
    {
      title: 'Runners',
      type: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `sum by (cluster) (${of('gha_controller_running_ephemeral_runners')})`,
          legend: '{{cluster}} running',
        },
        { expr: `sum by (cluster) (${of('gha_idle_runners')})`, legend: '{{cluster}} idle' },
      ],
    },
    {
      title: 'Jobs that ended, by result',
      type: 'timeseries',
      unit: 'short',
      queries: [
        {
          expr: `sum by (cluster, job_result) (${perSecond('gha_completed_jobs_total')})`,
          legend: '{{cluster}} {{job_result}}',
        },
      ],
    },
  ],
};
