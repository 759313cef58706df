import { resolve } from 'node:path';
import type { DriftContext } from '../../../cli/drift/context';
import { type Drift, exitCodeOf, type LayerFindings } from '../../../cli/drift/drift';
import type { CheckLayer } from '../../../cli/drift/layers';
import { type DriftOptions, runDrift } from '../../../cli/drift/runDrift';
import { listClusters } from '../../../gitops/clusterSettings';
import { FakeTool } from '../../clients/support/fakeTool';

const root = resolve(__dirname, '../../..');
const [stack = ''] = listClusters(root);

let pulumi: FakeTool;
beforeAll(() => {
  pulumi = new FakeTool('pulumi', 'echo "error: incorrect passphrase" >&2; exit 1');
});
afterAll(() => pulumi.remove());

const finding = (layer: Drift['layer'], object: string, more: Partial<Drift> = {}): Drift => ({
  ...{ id: 'some-drift', layer, owner: 'someone', object, todo: 'repair it', ...more },
});
const layerOf =
  (findings: Partial<LayerFindings>): CheckLayer =>
  () =>
    Promise.resolve({ drift: [], couldNotTell: [], compared: 1, ...findings });

function run(layers: DriftOptions['layers'], more: Partial<DriftOptions> = {}) {
  const log: string[] = [];
  const progress = {
    started: (_: string, layer: string) => void log.push(`started ${layer}`),
    finished: (_: string, layer: string) => void log.push(`finished ${layer}`),
    note: () => undefined,
  };
  const options = { stack, root, project: root, given: {}, ignore: { rows: [], problems: [] }, progress };
  const signal = new AbortController().signal;
  return { log, result: runDrift({ ...options, signal, ...(layers && { layers }), ...more }) };
}

test('a layer that throws could not tell, and hides no other', async () => {
  const { log, result } = run({
    machines: () => Promise.reject(new Error('the network is down')),
    edge: layerOf({ drift: [finding('edge', 'record a')] }),
  });
  const found = await result;
  expect(found).toEqual({
    ...{ stack, ignored: [], compared: { machines: 0, edge: 1 }, seconds: expect.any(Number) },
    drift: [finding('edge', 'record a')],
    couldNotTell: [
      { layer: 'machines', object: 'everything of machines', why: 'the network is down', todo: 'run drift again' },
    ],
  });
  // Could not tell wins.
  expect(exitCodeOf([found])).toBe(1);
  expect(log.filter((line) => line.startsWith('finished')).sort()).toEqual([
    'finished configuration',
    'finished edge',
    'finished machines',
  ]);
});

test('findings are in the order of layers, objects and fields; a cause is reported once, and a reason, too', async () => {
  const unknown = { layer: 'flux' as const, object: 'the objects', why: 'down', todo: 'repair it' };
  const { result } = run({
    edge: layerOf({ drift: [finding('edge', 'b'), finding('edge', 'a', { explains: ['resource x'] })] }),
    pulumi: layerOf({ drift: [finding('pulumi', 'resource x')] }),
    flux: layerOf({
      drift: [finding('flux', 'c', { field: 'z' }), finding('flux', 'c', { field: 'y' })],
      couldNotTell: [unknown, unknown],
    }),
  });
  const { drift, couldNotTell } = await result;
  expect(drift.map(({ layer, object, field }) => [layer, object, field])).toEqual([
    ['flux', 'c', 'y'],
    ['flux', 'c', 'z'],
    ['edge', 'a', undefined],
    ['edge', 'b', undefined],
  ]);
  expect(couldNotTell).toEqual([unknown]);
});

test('what the list accepts reports nothing', async () => {
  const ignore = { rows: [{ line: 3, id: 'some-drift', object: 'record *', expires: '2099-01-01' }], problems: [] };
  const accepted = finding('edge', 'record a');
  const found = await run({ edge: layerOf({ drift: [accepted] }) }, { ignore }).result;
  expect([found.drift, found.ignored, exitCodeOf([found])]).toEqual([[], [accepted], 0]);
});

test('without the state, layers get the definition from Git, and the reason', async () => {
  let context: DriftContext | undefined;
  const edge: CheckLayer = (given) => {
    context = given;
    return layerOf({})(given);
  };
  expect((await run({ edge }).result).couldNotTell).toEqual([]);
  expect(context?.definition.name).toBe(stack);
  const reason = {
    why: expect.stringMatching(/incorrect passphrase/),
    todo: expect.stringMatching(/PULUMI_CONFIG_PASSPHRASE/),
  };
  const known = [context?.state, context?.secrets, context?.identity, await context?.kubernetes()];
  expect(known).toEqual([reason, reason, reason, reason]);
});

test('a stack that cannot be read is one reason, and no layer runs', async () => {
  const { log, result } = run({ edge: () => Promise.reject(new Error('it ran')) }, { stack: 'nowhere' });
  const { drift, couldNotTell } = await result;
  expect(drift).toEqual([]);
  expect(couldNotTell).toMatchObject([{ object: 'stack nowhere', todo: 'correct it' }]);
  expect(log).toEqual(['started configuration', 'finished configuration']);
});

test('an interrupted run has no result', async () => {
  const stop = new AbortController();
  const edge: CheckLayer = (context) => {
    stop.abort(new Error('interrupted'));
    return layerOf({})(context);
  };
  await expect(run({ edge }, { signal: stop.signal }).result).rejects.toThrow('interrupted');
});

test('exit codes', () => {
  const [clean, drifted, unknown] = [
    { drift: [], couldNotTell: [] },
    { drift: [finding('edge', 'a')], couldNotTell: [] },
    { drift: [], couldNotTell: [{ layer: 'edge' as const, object: 'a', why: 'b', todo: 'c' }] },
  ];
  expect([[], [clean], [clean, drifted], [drifted, unknown], [unknown]].map(exitCodeOf)).toEqual([0, 0, 2, 1, 1]);
});
