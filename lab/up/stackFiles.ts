import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse } from 'yaml';

/** The stacks of a checkout, i.e. those with a `Pulumi.<stack>.yaml`, sorted by name. */
export function listStacks(root: string): string[] {
  return fs
    .readdirSync(root)
    .flatMap((name) => /^Pulumi\.([a-z0-9-]+)\.yaml$/.exec(name)?.[1] ?? [])
    .sort();
}

/** The project's name from Pulumi.yaml. */
export function projectName(root: string): string {
  const project = parse(fs.readFileSync(path.join(root, 'Pulumi.yaml'), 'utf8')) as { name?: string };
  if (project.name === undefined) throw new Error('Pulumi.yaml: `name` is missing; give the project a name');
  return project.name;
}
