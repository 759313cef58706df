import { type KubeApi, KubeApiError } from '../agent/kubeApi';
import type { KubernetesObject } from '../../gitops/kubernetesObject';

interface ApiResource {
  /** Plural name in API paths; a subresource's has a slash. */
  name: string;
  kind: string;
  namespaced: boolean;
}

/** Finds the path of objects by what the API server says that it serves; each version of a group is asked for once. */
export class ApiResources {
  private readonly known = new Map<string, Promise<ApiResource[]>>();

  constructor(private readonly api: KubeApi) {}

  /**
   * The path of an object.
   * @throws Error when the API server does not serve its kind, or the object lacks the namespace that its kind needs
   */
  async pathOf({ apiVersion, kind, metadata }: KubernetesObject): Promise<string> {
    const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const served = await this.served(base);
    const resource = served.find((one) => one.kind === kind && !one.name.includes('/'));
    if (resource === undefined) throw new Error(`the API server serves no ${kind} in ${apiVersion}`);
    const name = encodeURIComponent(metadata.name);
    if (!resource.namespaced) return `${base}/${resource.name}/${name}`;
    if (metadata.namespace === undefined) throw new Error('has no metadata.namespace, which its kind needs');
    return `${base}/namespaces/${encodeURIComponent(metadata.namespace)}/${resource.name}/${name}`;
  }

  private served(base: string): Promise<ApiResource[]> {
    let resources = this.known.get(base);
    if (resources === undefined) {
      resources = this.ask(base);
      this.known.set(base, resources);
    }
    return resources;
  }

  private async ask(base: string): Promise<ApiResource[]> {
    try {
      return (await this.api.request<{ resources: ApiResource[] }>(base)).resources;
    } catch (error) {
      // A version that nobody serves; anything else is no answer about the object.
      if (error instanceof KubeApiError && error.code === 404) return [];
      throw error;
    }
  }
}
