import { createHash } from 'node:crypto';
import * as z from 'zod';
import { ToolError } from '../toolError';
import { Transient, Unavailable } from './failures';
import { failure, type Http, type Reply } from './http';
import { releaseUrl, type ImageRelease } from './releases';
import { withRetries } from './retry';

const descriptor = z.object({
  mediaType: z.string().optional(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.number().int().nonnegative(),
  platform: z.object({ os: z.string(), architecture: z.string() }).optional(),
});
const index = z.object({ manifests: z.array(descriptor) });
const manifest = z.object({ layers: z.array(descriptor) });
const token = z.object({ token: z.string().optional(), access_token: z.string().optional() });
/** Milliseconds for which a token is used. */
const freshFor = 60_000;

/** A layer of an image. */
export interface Layer {
  /** `sha256:` and hex. */
  readonly digest: string;
  readonly size: number;
}

const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** Reads one image from its registry by the distribution API, with an anonymous token if the registry wants one. */
export class ImageReader {
  private token: { url: string; value: string; issuedAt: number } | undefined;

  constructor(
    private readonly http: Http,
    private readonly release: ImageRelease,
    private readonly signal?: AbortSignal,
  ) {}

  /**
   * The layers for the release's architecture, lowest first. Every manifest is checked against the digest that led to it.
   * @returns also the digest of what the tag stands for, in hex
   * @throws Unavailable
   * @throws ToolError if a manifest does not have the digest that it was requested with
   */
  async layers(): Promise<{ digest: string; layers: Layer[] }> {
    const { tag, digest, architecture } = this.release;
    const top = await this.manifest(digest === undefined ? tag : `sha256:${digest}`);
    const platforms = index.safeParse(top.content);
    if (!platforms.success) return { digest: top.digest, layers: this.layersOf(top.content) };
    const platform = platforms.data.manifests.find(
      (entry) => entry.platform?.os === 'linux' && entry.platform.architecture === architecture,
    );
    if (!platform) throw new Unavailable(`${releaseUrl(this.release)} has no image for linux/${architecture}`);
    return { digest: top.digest, layers: this.layersOf((await this.manifest(platform.digest)).content) };
  }

  /** URL of a layer. */
  layerUrl({ digest }: Layer): string {
    return this.url(`blobs/${digest}`);
  }

  /** Headers with which layers must be requested. Tokens expire within minutes, so an older one is replaced. */
  async headers(): Promise<Record<string, string>> {
    if (this.token === undefined) return {};
    if (Date.now() - this.token.issuedAt > freshFor) await this.requestToken(this.token.url);
    return { authorization: `Bearer ${this.token.value}` };
  }

  private url(path: string): string {
    return `https://${this.release.registry}/v2/${this.release.repository}/${path}`;
  }

  private layersOf(content: unknown): Layer[] {
    const { success, data } = manifest.safeParse(content);
    if (!success) throw new Unavailable(`${releaseUrl(this.release)}: its manifest has no layers`);
    return data.layers;
  }

  private async manifest(reference: string): Promise<{ content: unknown; digest: string }> {
    const url = this.url(`manifests/${reference}`);
    const text = await withRetries(() => this.requestManifest(url), this.http.sleep, this.signal);
    const digest = createHash('sha256').update(text).digest('hex');
    if (reference.startsWith('sha256:') && reference !== `sha256:${digest}`) {
      throw new ToolError(
        `${releaseUrl(this.release)}: the manifest's digest is sha256:${digest}, expected ${reference}.\n` +
          '  Fix: do not use it; find out who changed it. `--tools build` builds the tool instead.',
      );
    }
    return { content: jsonOf(text.toString('utf8')), digest };
  }

  private async requestManifest(url: string): Promise<Buffer> {
    const accept = { accept: manifestTypes };
    let reply = await this.http.get(url, { ...accept, ...(await this.headers()) }, this.signal);
    if (reply.status === 401 && this.token === undefined) {
      await this.requestToken(await this.tokenUrl(reply));
      reply = await this.http.get(url, { ...accept, ...(await this.headers()) }, this.signal);
    }
    if (reply.status !== 200) throw await failure(reply, url);
    try {
      return Buffer.from(await reply.body.arrayBuffer());
    } catch {
      throw new Transient(`${url} was cut`);
    }
  }

  /** Where the registry's challenge says that tokens are issued. */
  private async tokenUrl(reply: Reply): Promise<string> {
    const { registry } = this.release;
    await failure(reply, registry);
    const challenge = reply.headers['www-authenticate'];
    const { realm, service, scope } = challengeOf(typeof challenge === 'string' ? challenge : '');
    if (realm === undefined || !realm.startsWith('https://') || !URL.canParse(realm)) {
      throw new Unavailable(`${registry} wants a login that this program does not know`);
    }
    const url = new URL(realm);
    if (service !== undefined) url.searchParams.set('service', service);
    if (scope !== undefined) url.searchParams.set('scope', scope);
    return url.href;
  }

  /** Gets an anonymous token. */
  private async requestToken(url: string): Promise<void> {
    const answer = token.safeParse(jsonOf(await this.http.text(url, {}, this.signal)));
    const value = answer.data?.token ?? answer.data?.access_token;
    if (value === undefined) throw new Unavailable(`${new URL(url).host} issues no token without a login`);
    this.token = { url, value, issuedAt: Date.now() };
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The parameters of a Bearer challenge. */
export function challengeOf(header: string): Record<string, string> {
  if (!/^bearer /i.test(header)) return {};
  return Object.fromEntries([...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]));
}
