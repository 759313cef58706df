import * as fs from 'node:fs';
import * as path from 'node:path';
import { isMap, isSeq, parseDocument, type Document } from 'yaml';
import { secretConfigKeys } from '../../cluster/stackConfig';
import type { LabCluster } from '../context';
import { writePrivate } from '../files';
import { projectName } from './stackFiles';

/** Folder of the Pulumi project that the lab runs. */
export function projectDir(labDir: string): string {
  return path.join(labDir, 'project');
}

// Tied to the passphrase or key service of whoever wrote the file.
const encryptionKeys = ['encryptionsalt', 'encryptedkey', 'secretsprovider'];

/**
 * Makes `.lab/project`: links to everything of the checkout, its Pulumi.yaml, and each stack's file with the lab's
 * endpoints and detours in it. The program that runs is the checkout's own.
 * @param detours `host:port` by `host:port`, for one cluster
 */
export function writeProject(
  root: string,
  labDir: string,
  clusters: readonly LabCluster[],
  detours: (cluster: LabCluster) => Record<string, string>,
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
    writePrivate(target, labStackFile(text, before, project, cluster, detours(cluster)));
  }
}

/**
 * The lab's text of a stack file: the checkout's, with an `endpoint` on each node and the lab's detours, without values
 * that only production can decrypt, and with the salt, secrets and rotations that the lab's file had before.
 */
export function labStackFile(
  text: string,
  before: string | undefined,
  project: string,
  cluster: LabCluster,
  detours: Record<string, string>,
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
  for (const [from, to] of Object.entries(detours)) stack.setIn(['config', `${project}:detours`, from], to);
  const nodes: unknown = stack.getIn(['config', `${project}:nodes`]);
  if (isSeq(nodes)) {
    for (const node of nodes.items) {
      if (!isMap(node)) continue;
      const endpoint = cluster.nodes.find((n) => n.name === node.get('name'))?.endpoint;
      if (endpoint !== undefined) node.set('endpoint', endpoint);
    }
  }
  return stack.toString({ lineWidth: 0 });
}

/** A rotation asked for in the lab stays asked for, unless the checkout asks for a later one. */
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
