import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import * as talos from '@pulumiverse/talos';
import * as ts from 'typescript';
import { record, type Recorder, settled } from '../../stacks/mocked/recorder';
import table from './talos-0.8.1.json';

type Properties = Record<string, string>;
interface Entry {
  inputs: Properties;
  outputs: Properties;
}

const resources = table.resources as Record<string, Entry>;
const { 'pulumi:providers:talos/terraformConfig': terraformConfig, ...functions } = table.functions as Record<
  string,
  Entry
>;
const types = table.types as Record<string, Properties>;

/** `talos:machine/secrets:Secrets` gives `machine` and `Secrets`. */
function split(token: string): { module: 'client' | 'cluster' | 'imageFactory' | 'machine'; member: string } {
  const [, module, member] = /^talos:(\w+)\/\w+:(\w+)$/.exec(token) ?? [];
  return { module: module as 'client', member: member ?? '' };
}

/** Whether a property is secret, or is of a type that contains a secret at any depth. */
function secret(description: string): boolean {
  if (description.endsWith(' secret')) return true;
  const type = description.replace(/[?]|\[\]/g, '');
  const [, properties = {}] = Object.entries(types).find(([name]) => name.endsWith(`:${type}`)) ?? [];
  return Object.values(properties).some(secret);
}

const secretKeys = (properties: Properties) => Object.keys(properties).filter((key) => secret(properties[key] ?? ''));
const required = (properties: Properties) => Object.keys(properties).filter((key) => !properties[key]?.includes('?'));

/** The members of an interface or class in a declaration file: name and `?` if optional; without static ones. */
function declared(module: string, name: string): string[] {
  const path = join(__dirname, '..', '..', 'sdks', 'talos', `${module}.d.ts`);
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022);
  const node = source.statements.find(
    (statement): statement is ts.InterfaceDeclaration | ts.ClassDeclaration =>
      (ts.isInterfaceDeclaration(statement) || ts.isClassDeclaration(statement)) && statement.name?.text === name,
  );
  if (node === undefined) return [];
  const parents = (node.heritageClauses ?? []).flatMap((clause) => clause.types.map((type) => type.getText(source)));
  const own = [...node.members]
    .filter((member) => (ts.isPropertySignature(member) || ts.isPropertyDeclaration(member)) && member.name)
    .map((member) => `${member.name?.getText(source)}${'questionToken' in member && member.questionToken ? '?' : ''}`);
  const names = new Set(own.map((member) => member.replace('?', '')));
  const inherited = parents
    .flatMap((parent) => declared(module, parent))
    .filter((member) => !names.has(member.replace('?', '')));
  return [...own, ...inherited].sort();
}

const asDeclared = (properties: Properties) =>
  Object.entries(properties)
    .map(([key, type]) => `${key}${type.includes('?') ? '?' : ''}`)
    .sort();

describe('the Talos SDK, compared with the schema of provider 0.8.1', () => {
  let recorder: Recorder;

  beforeEach(async () => {
    recorder = await record({ project: 'test', stack: 'test' });
  });

  test('has five resources and nine functions, and no others', () => {
    const members = (['client', 'cluster', 'imageFactory', 'machine'] as const).flatMap((module) =>
      Object.keys(talos[module]).map((member) => `${module}.${member}`),
    );
    const expected = [
      ...Object.keys(resources).map(split),
      ...Object.keys(functions)
        .map(split)
        .flatMap(({ module, member }) => [
          { module, member },
          { module, member: `${member}Output` },
        ]),
    ].map(({ module, member }) => `${module}.${member}`);
    expect(Object.keys(resources)).toHaveLength(5);
    expect(Object.keys(functions)).toHaveLength(9);
    expect(members.sort()).toEqual(expected.sort());
  });

  test.each(Object.entries(resources))('%s', async (token, { inputs, outputs }) => {
    const { module, member } = split(token);
    const Resource = (talos[module] as unknown as Record<string, new (name: string, args: object) => object>)[member]!;
    const given = Object.fromEntries(Object.keys(inputs).map((key) => [key, `value of ${key}`]));
    const resource = new Resource('r', given);
    await settled();

    const [registered] = recorder.resources;
    expect(registered?.type).toBe(token);
    expect(Object.keys(registered?.inputs ?? {}).sort()).toEqual(Object.keys(inputs).sort());
    expect(registered?.secretOutputs).toEqual([...new Set([...secretKeys(outputs), ...secretKeys(inputs)])].sort());
    expect(registered?.version).toBe(table.version);
    expect(registered?.pluginDownloadUrl).toBe(table.pluginDownloadURL);
    expect(Object.keys(resource)).toEqual(expect.arrayContaining(Object.keys(outputs)));
    const isSecret = await Promise.all(
      Object.keys(inputs).map(async (key) => {
        const output = (resource as Record<string, pulumi.Output<unknown>>)[key];
        return (await pulumi.isSecret(output!)) ? key : '';
      }),
    );
    expect(isSecret.filter(Boolean).sort()).toEqual(secretKeys(inputs).sort());

    expect(declared(module, `${member}Args`)).toEqual(asDeclared(inputs));
    expect(declared(module, member)).toEqual(Object.keys(outputs).sort());
    if (required(inputs).length > 0) {
      const names = required(inputs).map((key) => `'${key}'`);
      const message = new RegExp(`^${token} 'r': missing required property `);
      expect(() => new Resource('r', {})).toThrow(message);
      expect(names.length).toBeGreaterThan(0);
    }
  });

  test.each(Object.entries(functions))('%s', async (token, { inputs, outputs }) => {
    const { module, member } = split(token);
    const members = talos[module] as unknown as Record<string, (args: object) => unknown>;
    const given = Object.fromEntries(Object.keys(inputs).map((key) => [key, `value of ${key}`]));
    await members[member]!(given);
    const output = members[`${member}Output`]!(given) as pulumi.Output<unknown>;
    expect(await pulumi.isSecret(output)).toBe(secretKeys(outputs).length > 0);
    await settled();
    expect(recorder.calls).toEqual([
      { token, inputs: given },
      { token, inputs: given },
    ]);

    const name = `G${member.slice(1)}`;
    expect(declared(module, `${name}Args`)).toEqual(asDeclared(inputs));
    expect(declared(module, `${name}Result`).map((key) => key.replace('?', ''))).toEqual(Object.keys(outputs).sort());
  });

  test('reports all missing required properties together', () => {
    expect(() => new talos.cluster.Kubeconfig('k', {} as talos.cluster.KubeconfigArgs)).toThrow(
      "talos:cluster/kubeconfig:Kubeconfig 'k': missing required property 'clientConfiguration', 'node'",
    );
  });

  test('the provider accepts an image factory URL, and has the function terraformConfig', async () => {
    expect(Object.keys(terraformConfig?.outputs ?? {})).toEqual(['result']);
    const provider = new talos.Provider('p', { imageFactoryUrl: 'https://factory.example.org' });
    await settled();
    expect(recorder.resources[0]).toMatchObject({
      type: 'pulumi:providers:talos',
      inputs: { imageFactoryUrl: 'https://factory.example.org' },
      version: '0.8.1',
    });
    expect(typeof provider.terraformConfig).toBe('function');
    expect(talos.Provider.isInstance(provider)).toBe(true);
  });

  test('isInstance recognizes resources of its own type only', async () => {
    const secrets = new talos.machine.Secrets('s');
    expect(talos.machine.Secrets.isInstance(secrets)).toBe(true);
    expect(talos.machine.Bootstrap.isInstance(secrets)).toBe(false);
    expect(talos.machine.Secrets.isInstance(undefined)).toBe(false);
    await settled();
  });
});
