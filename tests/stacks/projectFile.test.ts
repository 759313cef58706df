import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { parse } from 'yaml';
import { secretConfigKeys, secretVariables } from '../../cluster/stackConfig';

const read = (file: string): string => readFileSync(join(__dirname, '..', '..', file), 'utf8');
const project = parse(read('Pulumi.yaml'));

test('the project refers to our provider by path', () => {
  expect(project.name).toBe('k8s-gitops');
  expect(project.runtime.name).toBe('nodejs');
  expect(project.plugins).toEqual({ providers: [{ name: 'platform', path: './provider' }] });
});

/** What TypeScript says about compiling index.ts with a tsconfig, with the options that Pulumi's cmd/run adds to it. */
function compileErrors(tsconfig: string): string[] {
  const { config } = ts.parseConfigFileTextToJson(tsconfig, read(tsconfig)) as { config: { compilerOptions: object } };
  const pulumi = { target: 'ES2020', module: 'nodenext', moduleResolution: 'nodenext', sourceMap: true };
  const { options } = ts.convertCompilerOptionsFromJson({ ...pulumi, ...config.compilerOptions }, '.');
  const { diagnostics = [] } = ts.transpileModule(read('index.ts'), {
    compilerOptions: options,
    reportDiagnostics: true,
  });
  return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

test('Pulumi can compile the program with the tsconfig that the project names, but not with tsconfig.json', () => {
  expect(compileErrors(project.runtime.options.tsconfig)).toEqual([]);
  expect(compileErrors('tsconfig.json')).toEqual([
    "Option 'module' must be set to 'NodeNext' when option 'moduleResolution' is set to 'NodeNext'.",
  ]);
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
