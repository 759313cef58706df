import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettingsFile } from '../../cli/validate/settingsFile';

const folder = mkdtempSync(join(tmpdir(), 'k8s-gitops-settings-'));
const file = join(folder, 'settings');
const read = (text: string) => {
  writeFileSync(file, text);
  return readSettingsFile(file);
};

afterAll(() => rmSync(folder, { recursive: true }));

test('reads ConfigMaps and decodes Secrets', () => {
  const text = `
apiVersion: v1
kind: ConfigMap
metadata: { name: cluster-settings, namespace: platform }
data: { PORT: "80" }
---
apiVersion: v1
kind: Secret
metadata: { name: cluster-secrets }
data: { A: YQ== }
stringData: { B: b }
---
`;
  expect(read(text)).toEqual([
    { kind: 'ConfigMap', namespace: 'platform', name: 'cluster-settings', data: { PORT: '80' } },
    { kind: 'Secret', namespace: 'flux-system', name: 'cluster-secrets', data: { A: 'a', B: 'b' } },
  ]);
});

test('reads lines of KEY=value', () => {
  expect(read('# note\n\nexport A=1\nB="two words"\n')).toEqual([
    { kind: 'ConfigMap', namespace: '', name: '', data: { A: '1', B: 'two words' } },
  ]);
});

test.each([
  ['another kind', 'kind: Deployment\nmetadata: { name: a }\n'],
  ['broken YAML', 'kind: ConfigMap\nmetadata: {\n'],
  [
    'aliases that multiply',
    `kind: ConfigMap\nmetadata: { name: a }\na: &a [x, x]\n${[...'abcdefgh'].map((name, at, all) => `${all[at + 1] ?? 'z'}: &${all[at + 1] ?? 'z'} [${Array(10).fill(`*${name}`).join(', ')}]`).join('\n')}\n`,
  ],
  ['no name', 'kind: ConfigMap\ndata: {}\n'],
  ['something else', 'password hunter2\n'],
])('rejects %s with a message that contains no value', (_, text) => {
  const message = /is neither YAML with ConfigMaps and Secrets nor lines of KEY=value/;
  expect(() => read(text)).toThrow(message);
  expect(() => read(text)).not.toThrow(/hunter2/);
});
