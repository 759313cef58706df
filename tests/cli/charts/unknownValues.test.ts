import { parse } from 'yaml';
import type { Json, JsonMap } from '../../../gitops/kubernetesObject';
import type { ChartFiles } from '../../../cli/validate/charts/chartFiles';
import { unknownValues } from '../../../cli/validate/charts/unknownValues';

function chart(defaultsText: string, templates = '', more: Partial<ChartFiles> = {}): ChartFiles {
  const defaults = (parse(defaultsText) ?? {}) as JsonMap;
  return { name: 'app', defaults, defaultsText, crds: '', templates, subcharts: new Map(), ...more };
}
const unknown = (values: JsonMap, files: ChartFiles): string[] =>
  unknownValues(values, files).map(({ path }) => path.join('.'));

test('reports a key that neither defaults, schema nor templates mention, at any depth, with the valid keys', () => {
  const files = chart('replicas: 1\nrelay:\n  enabled: true\n  port: 1\n');
  const found = unknownValues({ replicas: 2, replikas: 3, relay: { enabled: false, prot: 2 } }, files);
  expect(found).toEqual([
    { path: ['replikas'], known: ['relay', 'replicas'] },
    { path: ['relay', 'prot'], known: ['enabled', 'port'] },
  ]);
});

describe('accepts a key if', () => {
  test.each<[string, JsonMap, ChartFiles]>([
    ['the default is an empty map, which allows any key', { labels: { any: 1 } }, chart('labels: {}')],
    ['the default is not a map', { extra: { any: 1 } }, chart('extra:\n')],
    ['it is below global', { global: { any: 1 } }, chart('')],
    ['a template reads its path', { a: { b: 1 } }, chart('a:\n  c: 1', '{{ .Values.a.b }}')],
    ['a comment in values.yaml mentions it', { a: { b: 1 } }, chart('a:\n  # -- what it is for\n  # b: 2\n  c: 1')],
    ['a template reads it by name', { a: 1 }, chart('', '{{ dig "a" 1 .Values }}')],
    [
      'a `with` block on its map reads it',
      { a: { b: 1 } },
      chart('a:\n  c: 1', '{{ with .Values.a }}{{ .b }}{{ end }}'),
    ],
  ])('%s', (_, values, files) => expect(unknown(values, files)).toEqual([]));

  test.each([
    ['printed', '{{ toYaml .Values.a | nindent 2 }}'],
    ['printed by a `with` block', '{{- with .Values.a }}\n{{- toYaml . | nindent 8 }}{{ end }}'],
    ['iterated', '{{ range $key, $value := .Values.a }}{{ $key }}{{ end }}'],
    ['passed to a helper', '{{ include "app.labels" .Values.a }}'],
  ])('templates use its map as a whole: %s', (_, template) => {
    expect(unknown({ a: { b: 1 } }, chart('a:\n  c: 1', template))).toEqual([]);
  });

  test.each<[string, Json]>([
    ['lists it', { properties: { a: {} } }],
    ['allows any key', { additionalProperties: true }],
    ['describes any key', { additionalProperties: { type: 'string' } }],
  ])('the schema %s', (_, schema) => expect(unknown({ a: 1 }, chart('b: 1', '', { schema }))).toEqual([]));
});

test('a condition on a map, or the same key elsewhere, does not make a key valid', () => {
  const templates = '{{ if .Values.a }}x{{ end }} {{ .Values.a.c }} {{ .Values.other.b }}';
  expect(unknown({ a: { b: 1 } }, chart('a:\n  c: 1\nother: {}', templates))).toEqual(['a.b']);
});

test('checks the values of a subchart against the subchart', () => {
  const sub = chart('port: 1', '', { name: 'sub' });
  const files = chart('sub:\n  extra: 1', '', {
    subcharts: new Map([
      ['sub', sub],
      ['absent', undefined],
    ]),
  });
  const values = { sub: { enabled: true, port: 2, extra: 3, wrong: 4 }, absent: { any: 1 } };
  expect(unknown(values, files)).toEqual(['sub.wrong']);
});
