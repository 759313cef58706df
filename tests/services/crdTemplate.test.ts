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
  test('splits a file with several documents and reads the names of each', () => {
    const text = `${crd('things', '')}${crd('others', '')}---\n`;
    expect(splitCrds(text, 'x.yaml').map(({ name, kind, plural }) => [name, kind, plural])).toEqual([
      ['things.example.com', 'Thing', 'things'],
      ['others.example.com', 'Thing', 'others'],
    ]);
  });

  test('adds lines to existing annotations and labels, or creates them', () => {
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

  test("keeps upstream's text if there is nothing to add", () => {
    const [manifest] = splitCrds(crd('things', ''), 'x.yaml');
    expect(crdTemplate(manifest!, {})).toBe(crd('things', '').replace('---\n', ''));
  });

  test('rejects documents that are not CRDs and template syntax, naming the file', () => {
    expect(() => splitCrds('kind: Secret\n', 'a.yaml')).toThrow(
      'a.yaml: contains a document that is not a CustomResourceDefinition',
    );
    expect(() => splitCrds('hello\n', 'a.yaml')).toThrow(
      'a.yaml: a document is not in the format of generated CustomResourceDefinitions',
    );
    expect(() => splitCrds(crd('things', '  annotations:\n    a: "{{ x }}"\n'), 'a.yaml')).toThrow(
      'a.yaml: contains "{{", which Helm would evaluate as a template',
    );
  });
});
