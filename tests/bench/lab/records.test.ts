import { labSteps, withoutSeconds } from '../../../bench/lab/labLines';
import { resourceRecords, resourceStarts, updatesInHistory, updatesInLog } from '../../../bench/lab/pulumiRecords';

const stamped = (...texts: string[]) => texts.map((text, index) => ({ at: (index + 1) * 1000, text }));

test('the steps of lab up from its lines; a step without a line is absent', () => {
  const lines = stamped(
    'tools: building etcd 3.6.5 (0/2 done)',
    'tools: built etcd (1/2 done)',
    'tools: building helm 3.22.0 (1/2 done)',
    "Git: published the checkout's files as commit 0123456789ab",
    'bind DNS ready after 1.5 s',
    'git smart HTTP ready after 2.0 s',
    '1Password (stand-in): filled 1 item(s) in vault a',
    '1Password (stand-in): filled 1 item(s) in vault b',
    'infra: preflight: 46 checks passed',
  );
  expect(labSteps(lines)).toEqual({
    tools: [{ name: 'etcd', start: 1000, end: 2000 }],
    processes: [
      { name: 'bind', start: 3500, ready: 5000 },
      { name: 'git', start: 4000, ready: 6000 },
    ],
    published: 4000,
    filled: 8000,
    preflight: { infra: 9000 },
  });
  expect(labSteps([])).toEqual({ tools: [], processes: [], preflight: {} });
});

test('the same steps from the lines that a display prints', () => {
  const lines = stamped(
    'tools: 2 missing',
    'etcd v3.6.5: build, usually 12s',
    'etcd v3.6.5: 14s (usually 12s)',
    'etcd v3.6.5: done after 15s (usually 12s), built',
    'helm v3.22.0: build',
    'kwok v0.7.0: done after 3.0s, downloaded',
    'bind DNS ready after 1.5 s',
    'infra preflight: started, usually 6.0s',
    'infra preflight: done after 5.6s (usually 6.0s), 46 checks passed',
  );
  expect(labSteps(lines)).toEqual({
    tools: [{ name: 'etcd', start: 2000, end: 4000 }],
    processes: [{ name: 'bind', start: 5500, ready: 7000 }],
    preflight: { infra: 9000 },
  });
});

test('removes the seconds of a progress line, and nothing else', () => {
  expect(withoutSeconds('  12s  infra: 3s  x')).toBe('infra: 3s  x');
  expect(withoutSeconds('infra: x')).toBe('infra: x');
});

const urn = (type: string, name: string) => `urn:pulumi:infra::k8s-gitops::parent$${type}::${name}`;
const secret = 'kubernetes:core/v1:Secret';
const token = 'cloudflare:index/apiToken:ApiToken';

test('resources of a state: types as in the progress, dependencies and provider by id, no components', () => {
  const provider = urn('pulumi:providers:kubernetes', 'infra');
  const state = {
    checkpoint: {
      latest: {
        resources: [
          { urn: urn('k8s-gitops:Core', 'infra'), type: 'k8s-gitops:Core', created: '2026-01-01T00:00:00Z' },
          { urn: provider, type: 'pulumi:providers:kubernetes', custom: true, created: '2026-01-01T00:00:01Z' },
          { urn: urn(token, 'a'), type: token, custom: true, created: '2026-01-01T00:00:02.5Z' },
          {
            urn: urn(secret, 'b'),
            type: secret,
            custom: true,
            created: '2026-01-01T00:00:03Z',
            provider: `${provider}::some-id`,
            dependencies: [urn(token, 'a'), urn('k8s-gitops:Core', 'infra')],
          },
          { urn: urn(secret, 'pending'), type: secret, custom: true },
        ],
      },
    },
  };
  const second = Date.parse('2026-01-01T00:00:00Z');
  const starts = new Map([
    ['cloudflare:index:ApiToken a', second + 2000],
    // A line that arrived late: not after the end.
    [`${secret} b`, second + 9000],
  ]);
  expect(resourceRecords(state, starts)).toEqual([
    { id: 'pulumi:providers:kubernetes infra', created: second + 1000, dependsOn: [] },
    { id: 'cloudflare:index:ApiToken a', started: second + 2000, created: second + 2500, dependsOn: [] },
    {
      id: `${secret} b`,
      started: second + 3000,
      created: second + 3000,
      dependsOn: ['cloudflare:index:ApiToken a', 'pulumi:providers:kubernetes infra'],
    },
  ]);
  expect(resourceRecords({}, starts)).toEqual([]);
});

const log = stamped(
  'Updating (infra):',
  ' +  platform:index:Handover infra creating (0s)',
  ' +  platform:index:Handover infra creating (1s) waiting for 2',
  ' +  kubernetes:core/v1:Secret infra-a created (0.00s)',
  '    platform:index:Handover infra same',
  'Duration: 5s',
  'Updating (infra):',
);

test('creations begin with their first line', () => {
  expect([...resourceStarts(log)]).toEqual([
    ['platform:index:Handover infra', 2000],
    ['kubernetes:core/v1:Secret infra-a', 4000],
  ]);
});

test('an update without its last line is left out', () => {
  expect(updatesInLog(log)).toEqual([{ start: 1000, end: 6000 }]);
});

test('only updates of the history count, in their order', () => {
  const entries = [
    { kind: 'update', startTime: 30, endTime: 40 },
    { kind: 'refresh', startTime: 25, endTime: 26 },
    { kind: 'update', startTime: 10, endTime: 20 },
    { kind: 'update', startTime: 50 },
  ];
  expect(updatesInHistory(entries)).toEqual([
    { start: 10_000, end: 20_000 },
    { start: 30_000, end: 40_000 },
  ]);
});
