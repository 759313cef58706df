import * as fs from 'node:fs';
import * as path from 'node:path';
import { isMap, parseDocument, type Document } from 'yaml';
import { secretConfigKeys } from '../../cluster/stackConfig';
import type { LabCluster } from '../context';
import { writePrivate } from '../files';
import { projectName } from '../../cluster/stackFile';

/** Folder of the lab's Pulumi project. */
export function projectDir(labDir: string): string {
  return path.join(labDir, 'project');
}

// Tied to the passphrase or secrets provider of the checkout's stack.
const encryptionKeys = ['encryptionsalt', 'encryptedkey', 'secretsprovider'];

/**
 * Creates `.lab/project`: links to everything in the checkout, its Pulumi.yaml, and the stack files with the lab's
 * `dialOverrides`. The program that runs is the checkout's own.
 */
export function writeProject(
  root: string,
  labDir: string,
  clusters: readonly LabCluster[],
  dialOverrides: (cluster: LabCluster) => Record<string, string>,
): void {
  const dir = projectDir(labDir);
  fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
  linkCheckout(root, dir);
  fs.copyFileSync(path.join(root, 'Pulumi.yaml'), path.join(dir, 'Pulumi.yaml'));
  const project = projectName(root);
  for (const cluster of clusters) {
    const name = `Pulumi.${cluster.name}.yaml`;
    const target = path.join(dir, name);
    const before = fs.existsSync(target) ? fs.readFileSync(target, 'utf8') : undefined;
    const text = fs.readFileSync(path.join(root, name), 'utf8');
    writePrivate(target, labStackFile(text, before, project, dialOverrides(cluster)));
  }
}

/**
 * The lab's version of a stack file: the checkout's, plus the lab's `dialOverrides`, without values that only production can
 * decrypt, and with the salt, secrets and rotations of the lab's previous version.
 */
export function labStackFile(
  text: string,
  before: string | undefined,
  project: string,
  dialOverrides: Record<string, string>,
): string {
  const stack = parseDocument(text);
  const old = parseDocument(before ?? '{}');
  for (const key of encryptionKeys) {
    stack.delete(key);
    const value: unknown = old.get(key);
    if (value !== undefined) stack.set(key, value);
  }
  dropSecureValues(stack);
  for (const key of secretConfigKeys) {
    const value: unknown = old.getIn(['config', `${project}:${key}`]);
    if (isMap(value) && value.has('secure')) stack.setIn(['config', `${project}:${key}`], value.toJSON());
  }
  keepRotations(stack, old, project);
  for (const [from, to] of Object.entries(dialOverrides)) {
    stack.setIn(['config', `${project}:dialOverrides`, from], to);
  }
  return stack.toString({ lineWidth: 0 });
}

/** Keeps rotations requested in the lab, unless the checkout requests a later one. */
function keepRotations(stack: Document, old: Document, project: string): void {
  const rotations: unknown = old.getIn(['config', `${project}:rotations`]);
  if (!isMap(rotations)) return;
  for (const [name, label] of Object.entries(rotations.toJSON() as Record<string, string>)) {
    const key = ['config', `${project}:rotations`, name];
    const wanted = stack.getIn(key) as string | undefined;
    if (wanted === undefined || wanted < label) stack.setIn(key, label);
  }
}

function dropSecureValues(stack: Document): void {
  const config: unknown = stack.get('config');
  if (!isMap(config)) return;
  for (const { key, value } of [...config.items]) {
    if (isMap(value) && value.has('secure')) config.delete(key);
  }
}

function linkCheckout(root: string, dir: string): void {
  const wanted = fs.readdirSync(root).filter((name) => !name.startsWith('.') && !/^Pulumi(\.[^.]+)?\.yaml$/.test(name));
  for (const name of fs.readdirSync(dir)) {
    const entry = path.join(dir, name);
    if (fs.lstatSync(entry).isSymbolicLink() && !wanted.includes(name)) fs.unlinkSync(entry);
  }
  for (const name of wanted) {
    const link = path.join(dir, name);
    if (!fs.existsSync(link)) {
      fs.rmSync(link, { force: true });
      fs.symlinkSync(path.join(root, name), link);
    }
  }
}
