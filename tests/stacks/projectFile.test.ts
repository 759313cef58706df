import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { secretConfigKeys, secretVariables } from '../../cluster/stackConfig';

const project = parse(readFileSync(join(__dirname, '..', '..', 'Pulumi.yaml'), 'utf8'));

test('the project refers to our provider by path', () => {
  expect(project.name).toBe('k8s-gitops');
  expect(project.runtime.name).toBe('nodejs');
  expect(project.plugins).toEqual({ providers: [{ name: 'platform', path: './provider' }] });
});

test('every scalar has a description, secrets are marked as secret, and those that may come from the environment are not declared', () => {
  const declared = secretConfigKeys.filter((key) => secretVariables[key] === undefined);
  expect(Object.keys(project.config).sort()).toEqual(['applyMode', ...declared].sort());
  for (const [key, entry] of Object.entries<Record<string, unknown>>(project.config)) {
    expect(entry.type).toBe('string');
    expect(entry.description).toMatch(/\.$/);
    expect(entry).not.toHaveProperty('default');
    expect(entry.secret).toBe((secretConfigKeys as readonly string[]).includes(key) || undefined);
  }
});
