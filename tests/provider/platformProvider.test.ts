import type { Provider } from '@pulumi/pulumi/provider';
import { z } from 'zod';
import { implement } from '../../provider/engine/implementation';
import { UserError } from '../../clients/userError';
import { platformProvider, typeToken } from '../../provider/engine/platformProvider';
import { wrapSecret } from '../../provider/engine/wireValues';

const urn = 'urn:pulumi:infra::k8s-gitops::k8s-gitops:bootstrap:Core$platform:index:Thing::core-cilium';
const unknown = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

interface ThingInputs {
  kubeconfig: string;
  size: number;
}

function served(exists?: () => Promise<boolean>) {
  const created: ThingInputs[] = [];
  const cancelled: string[] = [];
  const thing = implement<ThingInputs, object>({
    schema: z.object({ kubeconfig: z.string().min(3, 'is too short'), size: z.number() }),
    connection: ['kubeconfig'],
    secrets: ['kubeconfig', 'token'],
    create: async (inputs, { progress }) => {
      created.push(inputs);
      progress.status('working');
      return { id: 'the-id', outputs: { kubeconfig: inputs.kubeconfig, token: 't', left: undefined, size: 5 } };
    },
    ...(exists && { exists }),
  });
  const lines: string[] = [];
  const provider: Required<Pick<Provider, 'check' | 'diff' | 'create' | 'read' | 'update' | 'delete' | 'cancel'>> =
    platformProvider(
      { 'platform:index:Thing': thing },
      {
        sinkFor: (of) => (line) => lines.push(`${of}: ${line.text}`),
        signal: new AbortController().signal,
        cancel: (reason) => cancelled.push(reason),
      },
    ) as never;
  return { provider, created, lines, cancelled };
}

describe('the platform provider', () => {
  test('takes the type from the end of the URN’s type chain', () => {
    expect(typeToken(urn)).toBe('platform:index:Thing');
  });

  test('a type it does not have is an error without a stack', async () => {
    const { provider } = served();
    const error = await provider.create('urn:pulumi:a::b::platform:index:Nothing::c', {}).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({
      message: 'the platform provider has no resource type platform:index:Nothing',
      stack: '',
    });
  });

  test('check names every wrong property and puts secrets under secrecy', async () => {
    const { provider } = served();
    expect(await provider.check(urn, {}, { kubeconfig: 'k', size: 'big' })).toEqual({
      inputs: { kubeconfig: wrapSecret('k'), size: 'big' },
      failures: [
        { property: 'kubeconfig', reason: 'kubeconfig: is too short' },
        { property: 'size', reason: 'size: Invalid input: expected number, received string' },
      ],
    });
  });

  test('check lets pass what is not known yet, and still sees what is wrong beside it', async () => {
    const { provider } = served();
    const inputs = { kubeconfig: wrapSecret(unknown), size: unknown };
    expect(await provider.check(urn, {}, inputs)).toEqual({ inputs, failures: [] });
    const { failures } = await provider.check(urn, {}, { kubeconfig: unknown, size: true });
    expect(failures?.map(({ property }) => property)).toEqual(['size']);
  });

  test('only connection data makes a difference, and never a replacement', async () => {
    const { provider } = served();
    const olds = { kubeconfig: wrapSecret('old'), size: 1 };
    const diff = (news: object) => provider.diff('id', urn, olds, news);
    expect(await diff({ kubeconfig: wrapSecret('old'), size: 99 })).toEqual({ changes: false, replaces: [] });
    expect(await diff({ kubeconfig: wrapSecret('new'), size: 1 })).toEqual({ changes: true, replaces: [] });
    expect(await diff({ kubeconfig: wrapSecret(unknown), size: 1 })).toEqual({ changes: true, replaces: [] });
  });

  test('create opens the inputs, wraps secret outputs, leaves out undefined, and reports progress under its URN', async () => {
    const { provider, created, lines } = served();
    const result = await provider.create(urn, { kubeconfig: wrapSecret('abc'), size: 5 });
    expect(created).toEqual([{ kubeconfig: 'abc', size: 5 }]);
    expect(result).toEqual({
      id: 'the-id',
      outs: { kubeconfig: wrapSecret('abc'), token: wrapSecret('t'), size: 5 },
    });
    expect(lines).toEqual([`${urn}: working`]);
  });

  test('update records connection data alone and calls nothing', async () => {
    const { provider, created } = served();
    const olds = { kubeconfig: wrapSecret('old'), size: 1, revision: 3 };
    const { outs } = await provider.update('id', urn, olds, { kubeconfig: 'new', size: 99 });
    expect(outs).toEqual({ kubeconfig: wrapSecret('new'), size: 1, revision: 3 });
    expect(created).toEqual([]);
  });

  test('read gives what it is given, says gone with an empty id, and passes errors on', async () => {
    const props = { kubeconfig: wrapSecret('k') };
    expect(await served().provider.read('id', urn, props)).toEqual({ id: 'id', props });
    expect(await served(async () => true).provider.read('id', urn, props)).toEqual({ id: 'id', props });
    expect(await served(async () => false).provider.read('id', urn, props)).toEqual({ id: '', props: {} });
    const unreachable = served(() => Promise.reject(new Error('cannot be reached')));
    await expect(unreachable.provider.read('id', urn, props)).rejects.toThrow('cannot be reached');
  });

  test('delete forgets; cancel stops the work', async () => {
    const { provider, created, cancelled } = served();
    await provider.delete('id', urn, {});
    expect(created).toEqual([]);
    await provider.cancel();
    expect(cancelled).toEqual(['cancelled']);
  });
});
