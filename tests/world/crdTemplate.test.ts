import { crdTemplate, splitCrds } from '../../lab/services/registry/crdTemplate';

const crd = (name: string, metadata: string): string => `---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
${metadata}  name: ${name}.example.com
spec:
  group: example.com
  names:
    kind: Thing
    plural: ${name}
  versions:
  - name: v1
    schema:
      openAPIV3Schema:
        properties:
          metadata:
            labels: {}
`;

describe('CRDs as chart templates', () => {
  test('a file of several documents is split, with what templates need to know of each', () => {
    const text = `${crd('things', '')}${crd('others', '')}---\n`;
    expect(splitCrds(text, 'x.yaml').map(({ name, kind, plural }) => [name, kind, plural])).toEqual([
      ['things.example.com', 'Thing', 'things'],
      ['others.example.com', 'Thing', 'others'],
    ]);
  });

  test('lines go below annotations and labels that are there, and into new ones', () => {
    const [manifest] = splitCrds(crd('things', '  annotations:\n    a: b\n'), 'x.yaml');
    const template = crdTemplate(manifest!, {
      condition: '.Values.installCRDs',
      annotations: ['keep: "yes"'],
      labels: ['{{- include "l" . | nindent 4 }}'],
    });
    expect(template.split('\n').slice(0, 11)).toEqual([
      '{{- if .Values.installCRDs }}',
      'apiVersion: apiextensions.k8s.io/v1',
      'kind: CustomResourceDefinition',
      'metadata:',
      '  labels:',
      '    {{- include "l" . | nindent 4 }}',
      '  annotations:',
      '    keep: "yes"',
      '    a: b',
      '  name: things.example.com',
      'spec:',
    ]);
    expect(template.endsWith('            labels: {}\n{{- end }}\n')).toBe(true);
  });

  test('without anything to add, the text is upstream’s', () => {
    const [manifest] = splitCrds(crd('things', ''), 'x.yaml');
    expect(crdTemplate(manifest!, {})).toBe(crd('things', '').replace('---\n', ''));
  });

  test('anything else than a CRD, and text that a template would run, are errors that name the file', () => {
    expect(() => splitCrds('kind: Secret\n', 'a.yaml')).toThrow(
      'a.yaml: holds something else than CustomResourceDefinitions',
    );
    expect(() => splitCrds('hello\n', 'a.yaml')).toThrow(
      'a.yaml: a document is not a CustomResourceDefinition as generators write it',
    );
    expect(() => splitCrds(crd('things', '  annotations:\n    a: "{{ x }}"\n'), 'a.yaml')).toThrow(
      'a.yaml: holds "{{", which a chart template would run',
    );
  });
});
