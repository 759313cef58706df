import type { KubernetesClient } from './client';

/** What identifies an object: its kind and name, and its namespace unless the kind has none. */
export interface ObjectReference {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}

/** A kind as the API server serves it. */
export interface ApiResource {
  /** Plural name in API paths; a subresource's has a slash. */
  name: string;
  kind: string;
  namespaced: boolean;
}

/** Resolves objects to API paths by discovery; each group version is queried once. */
export class ApiResources {
  private readonly byGroupVersion = new Map<string, Promise<ApiResource[]>>();

  constructor(private readonly api: KubernetesClient) {}

  /**
   * The path of an object.
   * @throws Error if the API server does not serve its kind, or the object lacks the namespace that its kind requires
   */
  async pathOf({ apiVersion, kind, metadata }: ObjectReference): Promise<string> {
    const base = apiBase(apiVersion);
    const resource = await this.find(apiVersion, kind);
    if (resource === undefined) throw new Error(`the API server does not serve ${kind} in ${apiVersion}`);
    const name = encodeURIComponent(metadata.name);
    if (!resource.namespaced) return `${base}/${resource.name}/${name}`;
    if (metadata.namespace === undefined) throw new Error('has no metadata.namespace, which its kind requires');
    return `${base}/namespaces/${encodeURIComponent(metadata.namespace)}/${resource.name}/${name}`;
  }

  /** A kind as the API server serves it; undefined if it does not. */
  async find(apiVersion: string, kind: string): Promise<ApiResource | undefined> {
    const resources = await this.discover(apiBase(apiVersion));
    return resources.find((candidate) => candidate.kind === kind && !candidate.name.includes('/'));
  }

  private discover(base: string): Promise<ApiResource[]> {
    let resources = this.byGroupVersion.get(base);
    if (resources === undefined) {
      // A group version that is not served is a 404; any other error says nothing about the object.
      resources = this.api.get<{ resources: ApiResource[] }>(base).then((list) => list?.resources ?? []);
      this.byGroupVersion.set(base, resources);
    }
    return resources;
  }
}

function apiBase(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}
