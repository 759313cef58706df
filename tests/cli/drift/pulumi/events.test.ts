import type { EngineEvent } from '@pulumi/pulumi/automation';
import { changedFields, parsePath, readEvents } from '../../../../cli/drift/pulumi/events';

const urn = (type: string, name: string) => `urn:pulumi:east::k8s-gitops::k8s-gitops:talos:Machines$${type}::${name}`;
const state = (inputs: object, outputs: object = {}) => ({ custom: true, inputs, outputs });
type Metadata = Record<string, unknown>;
const event = (type: string, name: string, op: string, more: Metadata = {}): EngineEvent =>
  ({
    resourcePreEvent: { metadata: { op, urn: urn(type, name), type, old: state({}), new: state({}), ...more } },
  }) as unknown as EngineEvent;
const said = (name: string, severity: string, message: string, ephemeral = false): EngineEvent =>
  ({ diagnosticEvent: { urn: name && urn('a:b:C', name), severity, message, ephemeral } }) as unknown as EngineEvent;

describe('the events of a preview', () => {
  test('what stays, components and the engine itself have no steps', () => {
    const component = { new: { custom: false, inputs: {} } };
    expect(
      readEvents([
        event('a:b:C', 'x', 'same'),
        event('k8s-gitops:talos:Machines', 'east', 'update', component),
        event('pulumi:pulumi:Stack', 'east', 'update'),
        event('a:b:C', 'y', 'refresh'),
      ]),
    ).toEqual({ steps: [], errors: [], seen: 2 });
  });

  test('a step per resource, also of one that is gone; both halves of a replacement are one', () => {
    const { steps } = readEvents([
      event('a:b:C', 'x', 'create-replacement', { detailedDiff: { 'spec.a': {} } }),
      event('a:b:C', 'x', 'replace'),
      event('a:b:C', 'x', 'delete-replaced', { new: null }),
      event('a:b:C', 'y', 'delete', { new: null, old: state({ a: 1 }) }),
    ]);
    expect(steps.map(({ urn: of, op, paths }) => [of.split('::').at(-1), op, paths])).toEqual([
      ['x', 'replace', ['spec.a']],
      ['y', 'delete', []],
    ]);
  });

  test('lines of providers without colours, and errors; what is ephemeral is dropped', () => {
    const { steps, errors } = readEvents([
      event('a:b:C', 'x', 'update'),
      said('x', 'info', '<{%reset%}>it differs<{%reset%}>\n'),
      said('x', 'info', 'waiting', true),
      said('y', 'error', '<{%fg 1%}>cannot be read<{%reset%}>'),
      said('', 'error', 'the program failed'),
    ]);
    expect(steps[0]?.lines).toEqual(['it differs']);
    expect(errors).toEqual([{ urn: urn('a:b:C', 'y'), message: 'cannot be read' }, { message: 'the program failed' }]);
  });
});

describe('the fields of an update', () => {
  test('are those that the provider names, with their values', () => {
    const before = { data: { 'ca.crt': '[secret]' }, spec: { rules: [{ host: 'a' }] } };
    const after = {
      data: { 'ca.crt': '[secret]' },
      spec: { rules: [{ host: 'b' }], url: 'https://me:word@a.example' },
    };
    const paths = ['data["ca.crt"]', 'spec.rules[0].host', 'spec.url'];
    expect(changedFields({ before, after, paths })).toEqual([
      { field: 'data["ca.crt"]', before: '[secret]', after: '[secret]' },
      { field: 'spec.rules[0].host', before: '"a"', after: '"b"' },
      { field: 'spec.url', after: '[secret]' },
    ]);
  });

  test('without names, the inputs that differ', () => {
    const before = { name: 'x', tags: ['a'], __defaults: ['b'], nested: { one: 1, two: 2 } };
    const after = { name: 'x', tags: ['a', 'b'], __defaults: [], nested: { one: 1, two: 3, three: true } };
    expect(changedFields({ before, after, paths: [] })).toEqual([
      { field: 'tags', before: '["a"]', after: '["a","b"]' },
      { field: 'nested.two', before: '2', after: '3' },
      { field: 'nested.three', after: 'true' },
    ]);
    expect(changedFields({ before, after: before, paths: [] })).toEqual([]);
  });

  test('paths in the notation of Pulumi', () => {
    expect(parsePath('metadata.annotations["a.b/c"][0].x')).toEqual(['metadata', 'annotations', 'a.b/c', 0, 'x']);
    expect(parsePath('["a\\"b"].c')).toEqual(['a"b', 'c']);
  });
});
