import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { credentialsFrom, type GitCredentials } from '../../../clients/git/credentials';
import { checkoutCommit, hasCommit, remoteTip } from '../../../clients/git/git';
import type { KubernetesClient } from '../../../clients/kubernetes/client';
import { messageOf } from '../../../clients/userError';
import { commitOf } from '../../../gitops/drift/fluxStates';
import { type KubernetesObject, describeObject, specOf, textOf, valueAt } from '../../../gitops/kubernetesObject';
import type { Known } from '../known';

/** What reading a source needs. */
export interface SourceTreesOptions {
  /** The repository of this run, which may have the commit already. */
  root: string;
  /** An empty folder for checkouts. */
  folder: string;
  api: KubernetesClient;
  signal: AbortSignal;
}

/** The content of Git sources at revisions, each commit checked out once; and the tips of their branches. */
export class SourceTrees {
  private readonly trees = new Map<string, Promise<Known<string>>>();
  private readonly secrets = new Map<string, Promise<GitCredentials | undefined>>();

  constructor(private readonly options: SourceTreesOptions) {}

  /** A folder with the files of a source as they were at a revision that Flux names. */
  treeAt(source: KubernetesObject, revision: string): Promise<Known<string>> {
    const commit = commitOf(revision);
    if (source.kind !== 'GitRepository' || commit === undefined) {
      const why = `its source is ${describeObject(source)} at ${revision}, and only Git can be read from here`;
      return Promise.resolve({ why, todo: 'compare it with: flux diff kustomization' });
    }
    if (specOf(source)['include'] !== undefined) {
      const why = `${describeObject(source)} includes other repositories, which is not rendered`;
      return Promise.resolve({ why, todo: 'compare it with: flux diff kustomization' });
    }
    const known = this.trees.get(commit);
    if (known !== undefined) return known;
    const reading = this.checkout(source, commit).catch((error: unknown) => {
      const url = textOf(valueAt(source, 'spec', 'url'));
      return { why: messageOf(error), todo: `make ${url} readable from here, or fetch the commit` };
    });
    this.trees.set(commit, reading);
    return reading;
  }

  /** The commit at the tip of the branch that a GitRepository follows; undefined if it follows none. */
  async tipOf(source: KubernetesObject): Promise<Known<string> | undefined> {
    const reference = valueAt(source, 'spec', 'ref');
    const [, named] = /^refs\/heads\/(.+)$/.exec(textOf(valueAt(reference, 'name'))) ?? [];
    const isOther = ['tag', 'semver', 'commit'].some((field) => valueAt(reference, field) !== undefined);
    const branch = named ?? (isOther ? undefined : textOf(valueAt(reference, 'branch'), 'master'));
    if (branch === undefined || (valueAt(reference, 'name') !== undefined && named === undefined)) return undefined;
    const url = textOf(valueAt(source, 'spec', 'url'));
    try {
      return { value: await remoteTip(url, branch, this.options.signal, await this.credentials(source)) };
    } catch (error) {
      this.options.signal.throwIfAborted();
      return { why: messageOf(error), todo: `make ${url} readable from here` };
    }
  }

  private async checkout(source: KubernetesObject, commit: string): Promise<Known<string>> {
    const { root, folder, signal } = this.options;
    const directory = join(folder, commit);
    mkdirSync(directory);
    if (await hasCommit(root, commit, signal)) {
      await checkoutCommit({ url: root, commit }, directory, signal);
      return { value: directory };
    }
    const reference = valueAt(source, 'spec', 'ref');
    const ref = ['name', 'tag', 'branch'].map((field) => textOf(valueAt(reference, field))).find((text) => text !== '');
    const url = textOf(valueAt(source, 'spec', 'url'));
    const credentials = await this.credentials(source);
    await checkoutCommit({ url, commit, ...(ref !== undefined && { ref }), credentials }, directory, signal);
    return { value: directory };
  }

  /** What Flux reads the source with. */
  private credentials(source: KubernetesObject): Promise<GitCredentials | undefined> {
    const name = textOf(valueAt(source, 'spec', 'secretRef', 'name'));
    const { namespace = '' } = source.metadata;
    const key = `${namespace}/${name}`;
    if (name === '') return Promise.resolve(undefined);
    const known =
      this.secrets.get(key) ?? this.readCredentials(namespace, name, textOf(valueAt(source, 'spec', 'url')));
    this.secrets.set(key, known);
    return known;
  }

  private async readCredentials(namespace: string, name: string, url: string): Promise<GitCredentials | undefined> {
    const path = `/api/v1/namespaces/${namespace}/secrets/${encodeURIComponent(name)}`;
    const secret = await this.options.api.get<KubernetesObject>(path);
    if (secret === undefined) throw new Error(`Secret ${namespace}/${name}, with the credentials, does not exist`);
    const field = (label: string): string | undefined => {
      const data = valueAt(secret, 'data', label);
      return typeof data === 'string' ? Buffer.from(data, 'base64').toString('utf8') : undefined;
    };
    const credentials = credentialsFrom(url.startsWith('http') ? 'token' : 'ssh', field);
    if ('problem' in credentials) throw new Error(`Secret ${namespace}/${name} ${credentials.problem}`);
    return credentials;
  }
}
