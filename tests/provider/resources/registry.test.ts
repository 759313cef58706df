import * as pulumi from '@pulumi/pulumi';
import * as settings from '@pulumi/pulumi/runtime/settings';
import { registry } from '../../../provider/resources/registry';
import * as sdk from '../../../provider/resources/sdk';
import { formerTokens, tokens } from '../../../provider/resources/tokens';

type ResourceClass = new (name: string, args: never, options?: pulumi.CustomResourceOptions) => pulumi.CustomResource;
const classes = Object.entries(sdk as unknown as Record<string, ResourceClass>);

test('every token has an implementation, and there are no others', () => {
  expect(Object.keys(registry).sort()).toEqual([...Object.values(tokens), ...Object.keys(formerTokens)].sort());
});

test.each(Object.entries(formerTokens))('former token %s has the implementation of %s', (former, current) => {
  expect(Object.values(tokens)).toContain(current);
  expect(Object.values(tokens)).not.toContain(former);
  expect(registry[former]).toBe(registry[current]);
});

describe('the classes in sdk.ts', () => {
  interface Registration {
    getType(): string;
    getAliasesList(): { getSpec(): { getType(): string } | undefined }[];
    getAdditionalsecretoutputsList(): string[];
  }
  const registrations = new Map<string, Registration>();

  beforeAll(async () => {
    await pulumi.runtime.setMocks({
      newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
      call: () => ({}),
    });
    // Mocks do not see aliases, so read the request itself.
    const monitor = settings.getMonitor() as unknown as {
      registerResource(request: Registration & { getName(): string }, callback: unknown): void;
    };
    const register = monitor.registerResource.bind(monitor);
    monitor.registerResource = (request, callback) => {
      registrations.set(request.getName(), request);
      register(request, callback);
    };
    for (const [name, Class] of classes) new Class(name, {} as never);
    await (settings as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();
  });

  test('are one per token, named after it', () => {
    const expected = Object.values(tokens).map((token) => token.replace('platform:index:', ''));
    expect(classes.map(([name]) => name).sort()).toEqual(expected.sort());
  });

  test.each(classes.map(([name]) => name))('%s registers its token, its aliases and its secret properties', (name) => {
    const request = registrations.get(name);
    const token = request?.getType() ?? '';
    expect(token).toBe(`platform:index:${name}`);
    const aliases = request?.getAliasesList().map((alias) => alias.getSpec()?.getType());
    const former = Object.keys(formerTokens).filter((key) => formerTokens[key] === token);
    expect(aliases).toEqual(former);
    expect(request?.getAdditionalsecretoutputsList()).toEqual(registry[token]?.secretProperties);
  });
});
