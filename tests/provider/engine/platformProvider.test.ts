import type { Provider } from '@pulumi/pulumi/provider';
import * as z from 'zod';
import { implement } from '../../../provider/engine/implementation';
import { UserError } from '../../../clients/userError';
import { platformProvider, typeToken } from '../../../provider/engine/platformProvider';
import { wrapSecret } from '../../../provider/engine/wireValues';

const urn = 'urn:pulumi:infra::k8s-gitops::k8s-gitops:bootstrap:Core$platform:index:Thing::core-cilium';
const unknown = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

interface ThingInputs {
  kubeconfig: string;
  size: number;
}

function serveThing(exists?: () => Promise<boolean>, inspect?: (size: number) => Promise<boolean>) {
  const created: ThingInputs[] = [];
  const cancelled: string[] = [];
  const thing = implement<ThingInputs, object>({
    schema: z.object({ kubeconfig: z.string().min(3, 'is too short'), size: z.number() }),
    connectionInputs: ['kubeconfig'],
    secretProperties: ['kubeconfig', 'token'],
    refuse: (before, after) =>
      before !== undefined && after.size < before.size ? [`must not shrink from ${before.size}`] : [],
    create: async (inputs, { progress }) => {
      created.push(inputs);
      progress.status('working');
      return { id: 'the-id', outputs: { kubeconfig: inputs.kubeconfig, token: 't', left: undefined, size: 5 } };
    },
    ...(exists && { exists }),
    ...(inspect && {
      inspect: (_state: object, { size }: ThingInputs) => inspect(size),
      update: async (_state: object, inputs: ThingInputs) => ({ ...inputs, updated: true }),
    }),
  });
  const lines: string[] = [];
  const provider: Required<Pick<Provider, 'check' | 'diff' | 'create' | 'read' | 'update' | 'delete' | 'cancel'>> =
    platformProvider(
      { 'platform:index:Thing': thing },
      {
        sinkFor: (target) => (line) => lines.push(`${target}: ${line.text}`),
        signal: new AbortController().signal,
        cancel: (reason) => cancelled.push(reason),
      },
    ) as never;
  return { provider, created, lines, cancelled };
}

describe('the platform provider', () => {
  test('reads the type from the end of the type chain in the URN', () => {
    expect(typeToken(urn)).toBe('platform:index:Thing');
  });

  test('an unknown type is an error without a stack', async () => {
    const { provider } = serveThing();
    const error = await provider.create('urn:pulumi:a::b::platform:index:Nothing::c', {}).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({
      message: 'the platform provider has no resource type platform:index:Nothing',
      stack: '',
    });
  });

  test('check reports every invalid property and wraps secrets', async () => {
    const { provider } = serveThing();
    expect(await provider.check(urn, {}, { kubeconfig: 'k', size: 'big' })).toEqual({
      inputs: { kubeconfig: wrapSecret('k'), size: 'big' },
      failures: [
        { property: 'kubeconfig', reason: 'kubeconfig: is too short' },
        { property: 'size', reason: 'size: Invalid input: expected number, received string' },
      ],
    });
  });

  test('check refuses a change of known inputs that the type does not allow', async () => {
    const { provider } = serveThing();
    const before = { kubeconfig: wrapSecret('abc'), size: 3 };
    const failuresOf = async (size: unknown, olds: object = before) =>
      (await provider.check(urn, olds, { kubeconfig: 'abc', size })).failures;
    expect(await failuresOf(2)).toEqual([{ property: '', reason: 'must not shrink from 3' }]);
    expect(await failuresOf(4)).toEqual([]);
    expect(await failuresOf(unknown)).toEqual([]);
    // A resource that is created, and inputs of an older program.
    expect(await failuresOf(2, {})).toEqual([]);
    expect(await failuresOf(2, { size: 'three' })).toEqual([]);
  });

  test('check accepts unknown values, and still reports invalid known ones', async () => {
    const { provider } = serveThing();
    const inputs = { kubeconfig: wrapSecret(unknown), size: unknown };
    expect(await provider.check(urn, {}, inputs)).toEqual({ inputs, failures: [] });
    const { failures } = await provider.check(urn, {}, { kubeconfig: unknown, size: true });
    expect(failures?.map(({ property }) => property)).toEqual(['size']);
  });

  test('only connection inputs count as a change, and never cause a replacement', async () => {
    const { provider } = serveThing();
    const olds = { kubeconfig: wrapSecret('old'), size: 1 };
    const diff = (news: object) => provider.diff('id', urn, olds, news);
    expect(await diff({ kubeconfig: wrapSecret('old'), size: 99 })).toEqual({ changes: false, replaces: [] });
    expect(await diff({ kubeconfig: wrapSecret('new'), size: 1 })).toEqual({ changes: true, replaces: [] });
    expect(await diff({ kubeconfig: wrapSecret(unknown), size: 1 })).toEqual({ changes: true, replaces: [] });
  });

  test('create unwraps inputs, wraps secret outputs, drops undefined ones, and reports progress with its URN', async () => {
    const { provider, created, lines } = serveThing();
    const result = await provider.create(urn, { kubeconfig: wrapSecret('abc'), size: 5 });
    expect(created).toEqual([{ kubeconfig: 'abc', size: 5 }]);
    expect(result).toEqual({
      id: 'the-id',
      outs: { kubeconfig: wrapSecret('abc'), token: wrapSecret('t'), size: 5 },
    });
    expect(lines).toEqual([`${urn}: working`]);
  });

  test('update records connection inputs and calls nothing', async () => {
    const { provider, created } = serveThing();
    const olds = { kubeconfig: wrapSecret('old'), size: 1, revision: 3 };
    const { outs } = await provider.update('id', urn, olds, { kubeconfig: 'new', size: 99 });
    expect(outs).toEqual({ kubeconfig: wrapSecret('new'), size: 1, revision: 3 });
    expect(created).toEqual([]);
  });

  test('a type that inspects its resource: what it finds is a change, and the update calls it', async () => {
    const inspected: number[] = [];
    const { provider } = serveThing(undefined, async (size) => inspected.push(size) > 0 && size > 5);
    const olds = { kubeconfig: wrapSecret('old'), size: 1 };
    const diff = (news: object) => provider.diff('id', urn, olds, news);
    expect(await diff({ kubeconfig: wrapSecret('old'), size: 5 })).toEqual({ changes: false, replaces: [] });
    expect(await diff({ kubeconfig: wrapSecret('old'), size: 6 })).toEqual({ changes: true, replaces: [] });
    expect(await diff({ kubeconfig: wrapSecret('old'), size: unknown })).toEqual({ changes: false, replaces: [] });
    expect(inspected).toEqual([5, 6]);
    const { outs } = await provider.update('id', urn, olds, { kubeconfig: 'old', size: 6 });
    expect(outs).toEqual({ kubeconfig: wrapSecret('old'), size: 6, updated: true });
  });

  test('read returns the state, an empty id if the resource is gone, and passes errors on', async () => {
    const props = { kubeconfig: wrapSecret('k') };
    expect(await serveThing().provider.read('id', urn, props)).toEqual({ id: 'id', props });
    expect(await serveThing(async () => true).provider.read('id', urn, props)).toEqual({ id: 'id', props });
    expect(await serveThing(async () => false).provider.read('id', urn, props)).toEqual({ id: '', props: {} });
    const unreachable = serveThing(() => Promise.reject(new Error('cannot be reached')));
    await expect(unreachable.provider.read('id', urn, props)).rejects.toThrow('cannot be reached');
  });

  test('delete calls nothing; cancel aborts', async () => {
    const { provider, created, cancelled } = serveThing();
    await provider.delete('id', urn, {});
    expect(created).toEqual([]);
    await provider.cancel();
    expect(cancelled).toEqual(['cancelled']);
  });
});
