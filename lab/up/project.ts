import * as fs from 'node:fs';
import * as path from 'node:path';
import { isMap, isSeq, parseDocument, type Document } from 'yaml';
import type { LabCluster } from '../context';
import { writePrivate } from '../files';
import { projectName } from './stackFiles';

/** Folder of the Pulumi project that the lab runs. */
export function projectDir(labDir: string): string {
  return path.join(labDir, 'project');
}

/** Stack config keys whose values the lab sets itself, encrypted with its own passphrase. */
export const secretKeys = ['connectToken', 'connectWriteToken'] as const;

// Tied to the passphrase or key service of whoever wrote the file.
const encryptionKeys = ['encryptionsalt', 'encryptedkey', 'secretsprovider'];

/**
 * Makes `.lab/project`: links to everything of the checkout, its Pulumi.yaml, and each stack's file with the lab's
 * endpoints in it. The program that runs is the checkout's own.
 */
export function writeProject(root: string, labDir: string, clusters: readonly LabCluster[]): void {
  const dir = projectDir(labDir);
  fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
  linkCheckout(root, dir);
  fs.copyFileSync(path.join(root, 'Pulumi.yaml'), path.join(dir, 'Pulumi.yaml'));
  const project = projectName(root);
  for (const cluster of clusters) {
    const name = `Pulumi.${cluster.name}.yaml`;
    const target = path.join(dir, name);
    const before = fs.existsSync(target) ? fs.readFileSync(target, 'utf8') : undefined;
    writePrivate(target, labStackFile(fs.readFileSync(path.join(root, name), 'utf8'), before, project, cluster));
  }
}

/**
 * The lab's text of a stack file: the checkout's, with an `endpoint` on each node, without values that only production
 * can decrypt, and with the salt and secrets that the lab's file had before.
 */
export function labStackFile(text: string, before: string | undefined, project: string, cluster: LabCluster): string {
  const stack = parseDocument(text);
  const old = parseDocument(before ?? '{}');
  for (const key of encryptionKeys) {
    stack.delete(key);
    const value: unknown = old.get(key);
    if (value !== undefined) stack.set(key, value);
  }
  dropSecureValues(stack);
  for (const key of secretKeys) {
    const value: unknown = old.getIn(['config', `${project}:${key}`]);
    if (isMap(value) && value.has('secure')) stack.setIn(['config', `${project}:${key}`], value.toJSON());
  }
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
