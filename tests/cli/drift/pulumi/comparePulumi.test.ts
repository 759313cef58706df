import type { DriftContext } from '../../../../cli/drift/context';
import { comparePulumi, type PulumiTools } from '../../../../cli/drift/pulumi/comparePulumi';
import type { EngineRun, ResourceStep } from '../../../../cli/drift/pulumi/events';
import { StackLocked } from '../../../../cli/drift/pulumi/runEngine';
import type { ExportedState } from '../../../../cli/stack/exportedState';

const record = 'cloudflare:index/dnsRecord:DnsRecord';
const urn = `urn:pulumi:east::k8s-gitops::${record}::x`;
const step = (op: ResourceStep['op']): ResourceStep => ({
  urn,
  type: record,
  op,
  before: {},
  after: {},
  paths: [],
  lines: [],
});
const run = (more: Partial<EngineRun> = {}): EngineRun => ({ steps: [], errors: [], seen: 3, ...more });
const at = (time: string, pending: object[] = []): ExportedState => ({
  deployment: { manifest: { time }, pending_operations: pending },
});

const notes: string[] = [];
const context = (state: unknown = { value: at('1') }): DriftContext =>
  ({
    ...{ stack: 'east', project: '/project', state, signal: new AbortController().signal },
    note: (text: string) => void notes.push(text),
  }) as unknown as DriftContext;
const tools = (more: Partial<PulumiTools> = {}): PulumiTools => ({
  engine: async () => run(),
  state: async () => at('1'),
  ...{ patienceSeconds: 60, intervalSeconds: 0.001, timeoutSeconds: 60 },
  ...more,
});
beforeEach(() => notes.splice(0));

test('a stack that is as the program says is silent', async () => {
  expect(await comparePulumi(context(), tools())).toEqual({ drift: [], couldNotTell: [], compared: 3 });
});

test('without the state, nothing can be told, and the engine is not run', async () => {
  const engine = jest.fn();
  expect(await comparePulumi(context({ why: 'no passphrase', todo: 'set it' }), tools({ engine }))).toEqual({
    ...{ drift: [], compared: 0 },
    couldNotTell: [{ layer: 'pulumi', object: 'the resources of the stack', why: 'no passphrase', todo: 'set it' }],
  });
  expect(engine).not.toHaveBeenCalled();
});

test('what cannot be read is named, and the program is compared with the state all the same', async () => {
  const errors = [{ urn, message: 'Cloudflare does not respond' }];
  const engine: PulumiTools['engine'] = async (command) =>
    command === 'preview' ? run({ steps: [step('delete')] }) : run({ errors });
  const { drift, couldNotTell } = await comparePulumi(context(), tools({ engine }));
  expect(drift.map(({ id, object }) => [id, object])).toEqual([['pulumi-orphan', `resource ${record} x`]]);
  expect(couldNotTell).toEqual([
    {
      ...{ layer: 'pulumi', object: `resource ${record} x`, why: 'Cloudflare does not respond' },
      todo: 'make what it needs reachable, then run drift again',
    },
  ]);
});

describe('while an update runs', () => {
  test('its lock, what it is doing, and a state that changes are waited for', async () => {
    const states = [at('2', [{ type: 'updating', resource: { urn } }]), at('3'), at('4'), at('5'), at('5')];
    let asked = 0;
    const engine: PulumiTools['engine'] = async (command) => {
      if (command === 'refresh' && asked++ === 0) throw new StackLocked('an update of the stack is running');
      return run({ steps: [step('delete')] });
    };
    const { drift } = await comparePulumi(context(), tools({ engine, state: async () => states.shift() ?? at('5') }));
    expect(drift.map(({ id }) => id)).toEqual(['pulumi-orphan']);
    expect(notes).toEqual([
      'pulumi: waiting, because an update of the stack is running',
      'pulumi: waiting, because an update is updating x, or was interrupted while it did',
      'pulumi: waiting, because the state changed meanwhile: an update of the stack is running',
    ]);
  });

  test('one that does not end: nothing can be told', async () => {
    const engine = () => Promise.reject(new StackLocked('an update of the stack is running'));
    const { drift, couldNotTell } = await comparePulumi(context(), tools({ engine, patienceSeconds: 0 }));
    expect(drift).toEqual([]);
    expect(couldNotTell.map(({ why }) => why)).toEqual(['an update of the stack is running']);
  });
});

test('an engine that does not run, and one that never ends', async () => {
  const failed = await comparePulumi(context(), tools({ engine: () => Promise.reject(new Error('no pulumi')) }));
  expect(failed.couldNotTell.map(({ why }) => why)).toEqual(['no pulumi']);
  const engine: PulumiTools['engine'] = (_command, { signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')));
    });
  const late = await comparePulumi(context(), tools({ engine, timeoutSeconds: 0.01 }));
  expect(late.couldNotTell.map(({ why }) => why)).toEqual(['the engine took longer than 0.01 s']);
});
