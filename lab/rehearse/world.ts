import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { DriftContext } from '../../cli/drift/context';
import { isKnown, type Known } from '../../cli/drift/known';
import { KubernetesRefused } from '../../clients/kubernetes/errors';
import type { KubernetesClient } from '../../clients/kubernetes/client';
import type { KubeObject } from '../../clients/kubernetes/objects';
import { pollUntil } from '../../clients/process/pollUntil';
import type { LabContext } from '../context';
import type { Undo } from './undo';

/** A value that a handed-over lab has. Throws if it is not available. */
export function required<T>(known: Known<T>, what: string): T {
  if (isKnown(known)) return known.value;
  throw new Error(`${what}: ${known.why}; bring the lab up first: npm run lab`);
}

/** One stack of a running lab, with the access that its owner has. */
export class World {
  /** Whether what was done last is still so: Flux undoes it when its interval ends. */
  private last: () => Promise<boolean> = () => Promise.resolve(true);

  private constructor(
    readonly lab: LabContext,
    /** What a drift run knows of the stack. */
    readonly stack: DriftContext,
    readonly api: KubernetesClient,
  ) {}

  static async open(lab: LabContext, stack: DriftContext): Promise<World> {
    return new World(lab, stack, required(await stack.kubernetes(), 'the Kubernetes API'));
  }

  /** A word that nothing else has. */
  get unique(): string {
    return `rehearsal-${randomBytes(3).toString('hex')}`;
  }

  /** Whether the last patch or removal since {@link begin} still holds, or its owner has undone it meanwhile. */
  holds(): Promise<boolean> {
    return this.last();
  }

  /** Forgets what was done before. */
  begin(): void {
    this.last = () => Promise.resolve(true);
  }

  /** Merges a patch into an object; undoing puts the values back that the patch replaced, and who owns them. */
  async patch(path: string, patch: Record<string, unknown>): Promise<Undo> {
    const before = await this.existing(path);
    await this.api.mergePatch(path, patch);
    this.last = async () => contains(await this.api.get(path), patch);
    return async () => {
      await this.api.mergePatch(path, reversed(patch, before as unknown as Record<string, unknown>));
      await this.giveBack(path, before);
    };
  }

  /** Deletes an object; undoing makes it again. */
  async remove(path: string): Promise<Undo> {
    const { status: _status, ...before } = await this.existing<KubeObject & { status?: unknown }>(path);
    await this.api.delete(path);
    this.last = async () => (await this.api.get(path)) === undefined;
    await this.until(`${path} is gone`, this.last);
    return async () => {
      await this.create(path.slice(0, path.lastIndexOf('/')), { ...before, metadata: portable(before.metadata) });
      await this.giveBack(path, before);
    };
  }

  /** Makes the fields of an object those of their owners again: a field of another manager that no chart sets is drift. */
  private async giveBack(path: string, { metadata }: KubeObject): Promise<void> {
    await this.api.mergePatch(path, { metadata: { managedFields: metadata.managedFields } });
  }

  /** Makes an object in a collection, unless someone else already has; undoing deletes it. */
  async create(collection: string, object: KubeObject): Promise<Undo> {
    try {
      await this.api.request('POST', collection, { body: object });
    } catch (error) {
      if (!(error instanceof KubernetesRefused) || error.status !== 409) throw error;
    }
    const path = `${collection}/${object.metadata.name}`;
    return async () => {
      await this.api.delete(path);
      await this.until(`${path} is gone`, async () => (await this.api.get(path)) === undefined);
    };
  }

  /** Waits until it holds, 60 seconds at most. */
  async until(what: string, holds: () => Promise<boolean>): Promise<void> {
    await pollUntil(async () => ((await holds()) ? true : undefined), {
      timeoutSeconds: 60,
      intervalMilliseconds: 250,
      signal: this.stack.signal,
      timedOut: (seconds) => `not within ${seconds} s: ${what}`,
    });
  }

  async existing<T extends KubeObject>(path: string): Promise<T> {
    const found = await this.api.get<T>(path);
    if (found === undefined) throw new Error(`the lab has no ${path}`);
    return found;
  }
}

/** The merge patch that takes a patch back. */
export function reversed(patch: Record<string, unknown>, before: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(patch).map(([key, value]) => {
      const old = before[key];
      const bothMaps = isRecord(value) && isRecord(old);
      return [key, bothMaps ? reversed(value, old) : (old ?? null)];
    }),
  );
}

/** Whether an object has all values of a merge patch. */
export function contains(object: unknown, patch: unknown): boolean {
  if (!isRecord(patch)) return isDeepStrictEqual(object ?? null, patch);
  return isRecord(object) && Object.entries(patch).every(([key, value]) => contains(object[key], value));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Metadata with which an object can be made again. */
function portable({ name, namespace, labels, annotations }: KubeObject['metadata']): KubeObject['metadata'] {
  return { name, ...(namespace && { namespace }), ...(labels && { labels }), ...(annotations && { annotations }) };
}
