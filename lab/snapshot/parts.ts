/** Files of the checkout that determine what is in a lab: whole folders, and single files by name. */
const folders = [
  'kubernetes',
  'stacks',
  'components',
  'provider',
  'cluster',
  'gitops',
  'clients',
  'net',
  'sdks',
  'lab',
  'bin',
] as const;
const singleFiles = /^(index\.ts|\.sourceignore|package-lock\.json|Pulumi(\.[a-z0-9-]+)?\.yaml)$/;

/** What only reads a lab or moves it as a whole: not what is in one. */
const onlyReads = /^lab\/((commands|dryRun|observability|scan|snapshot)\/|(cli|console)\.ts$)/;

/** What builds the lab's tools; a snapshot names these by the tools' keys. */
const toolFiles = /^tools\/(manifest\.ts$|modules\/|cert-manager\/|flux-render\/|simulated-machine\/|talos-provider\/)/;

/**
 * The part of a lab that a file of the checkout (path with `/`) determines: `kubernetes/`, `Pulumi.yaml`. Undefined if a
 * lab does not depend on it, as on documentation and tests.
 */
export function partOf(file: string): string | undefined {
  if (file.endsWith('.md') || onlyReads.test(file)) return undefined;
  if (singleFiles.test(file)) return file;
  const folder = folders.find((name) => file.startsWith(`${name}/`));
  return folder === undefined ? undefined : `${folder}/`;
}

/** Whether a file determines how a tool of the lab is built. */
export function buildsTools(file: string): boolean {
  return toolFiles.test(file) && !file.endsWith('.md') && !file.endsWith('_test.go');
}
