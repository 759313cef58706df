import { hasUnknown, plain, textAt, type Properties } from '../provider/properties';
import { parseUrn } from '../kubernetes/objects';
import { ApiCallError, ProviderApi, readApiConfig } from './api';
import type { Log } from '../provider/engineLog';
import { callFunction } from './functions';
import { kindOf, type Kind } from './kinds';
import { planCreate, planUpdate } from './plan';
import { inputsAfterRead, stateAfterRead, stateAfterWrite, withSecrets } from './state';
import { propertiesOf, requestBody } from './translate';

/** Result of a diff: names of the changed properties, and of those that require replacement. */
export interface ResourceDiff {
  changed: string[];
  replaces: string[];
}

/** Result of a read; `id` is empty if the resource no longer exists. */
export interface ReadResult {
  id: string;
  inputs: Properties;
  state: Properties;
}

/**
 * The stand-in for the Cloudflare provider: the provider's methods on property bags. For the kinds in `kinds.ts` it
 * behaves like the bridged Terraform provider (version 5), including its pitfalls: creating an object that already
 * exists fails, a tunnel that was deleted in the dashboard still counts as existing, a tunnel's secret is never read
 * back, a token's value is returned only once, and deleting a zone setting does not reset it. Its states have the shape of the
 * real one's, the id among the outputs included, so that the real provider can take over a lab stack.
 */
export class CloudflareStandIn {
  private api: ProviderApi | undefined;
  private readonly stop = new AbortController();
  /** Shows messages to the user. */
  log: Log = () => undefined;

  /** Applies the provider's configuration. */
  configure(variables: Record<string, string>): void {
    this.api = new ProviderApi(readApiConfig(variables, process.env), this.stop.signal);
  }

  /** Aborts calls in progress. */
  cancel(): void {
    this.stop.abort(new Error('the run was cancelled'));
  }

  /** Validates the inputs; missing, unsupported and invalid properties are failures. */
  check(urn: string, news: Properties): { inputs: Properties; failures: { property: string; reason: string }[] } {
    const { attributes, check } = kindOf(urn);
    const inputs = plain(news) as Properties;
    const missing = Object.keys(attributes).filter(
      (name) => attributes[name]?.use === 'required' && inputs[name] === undefined,
    );
    const unknown = Object.keys(inputs).filter((name) => (attributes[name]?.use ?? 'computed') === 'computed');
    const invalid = hasUnknown(inputs) ? undefined : check?.(inputs);
    return {
      inputs: news,
      failures: [
        ...missing.map((property) => ({ property, reason: 'Missing required argument' })),
        ...unknown.map((property) => ({
          property,
          reason: "is not supported by the lab's stand-in for the Cloudflare provider",
        })),
        ...(invalid === undefined ? [] : [{ property: '', reason: invalid }]),
      ],
    };
  }

  /** Compares the state with the inputs. */
  diff(urn: string, state: Properties, inputs: Properties): ResourceDiff {
    const { changed, replaces } = planUpdate(kindOf(urn), plain(state) as Properties, plain(inputs) as Properties);
    return { changed, replaces };
  }

  /** Creates the resource; a preview returns the planned state without calling the API. */
  async create(urn: string, news: Properties, preview: boolean): Promise<{ id: string; state: Properties }> {
    const kind = kindOf(urn);
    const inputs = plain(news) as Properties;
    if (kind.retainOnDelete)
      this.log('warning', urn, 'This resource cannot be destroyed: the value set here will remain in Cloudflare');
    const planned = planCreate(kind, inputs);
    if (preview) return { id: '', state: withSecrets(kind, planned) };
    const suffix = kind.id === undefined ? '' : `/${textAt(inputs, kind.id) ?? ''}`;
    const result = await this.connected().request(
      kind.create,
      kind.collection(inputs) + suffix,
      requestBody(kind, withDefaults(kind, inputs)),
    );
    const state = stateAfterWrite(kind, inputs, propertiesOf(kind, result), {});
    const id = textAt(kind.id === undefined ? result : inputs, kind.id ?? 'id') ?? '';
    return { id, state: { ...withSecrets(kind, state), id } };
  }

  /** Reads the resource. Only a 404 or an expired token means that it no longer exists. */
  async read(urn: string, id: string, oldState: Properties, oldInputs: Properties): Promise<ReadResult> {
    const kind = kindOf(urn);
    const inState = Object.keys(oldState).length > 0;
    const imported = inState ? { id, state: {} } : parseImportId(kind, urn, id);
    const state = inState ? (plain(oldState) as Properties) : imported.state;
    try {
      const result = await this.connected().request('GET', `${kind.collection(state)}/${imported.id}`);
      const current = stateAfterRead(kind, state, propertiesOf(kind, result));
      if (current.status === 'expired' && kind.attributes.value !== undefined)
        return this.deleted(urn, 'Token expired or revoked');
      return {
        id: imported.id,
        inputs: inputsAfterRead(kind, oldInputs, current),
        state: { ...withSecrets(kind, current), id: imported.id },
      };
    } catch (error) {
      if (error instanceof ApiCallError && error.status === 404) return this.deleted(urn, 'Resource not found');
      throw error;
    }
  }

  /** Updates the resource in place; a preview returns the planned state without calling the API. */
  async update(urn: string, id: string, oldState: Properties, news: Properties, preview: boolean): Promise<Properties> {
    const kind = kindOf(urn);
    const [state, inputs] = [plain(oldState) as Properties, plain(news) as Properties];
    const { changed, planned } = planUpdate(kind, state, inputs);
    if (preview) return withSecrets(kind, planned);
    const complete = withDefaults(kind, inputs);
    const body = requestBody(kind, complete, (name) => kind.partial === undefined || changed.includes(name));
    const result = await this.connected().request(kind.update, `${kind.collection(state)}/${id}`, body);
    return { ...withSecrets(kind, stateAfterWrite(kind, inputs, propertiesOf(kind, result), state)), id };
  }

  /** Deletes the resource. As in the real provider, it is an error if the resource does not exist. */
  async delete(urn: string, id: string, oldState: Properties): Promise<void> {
    const kind = kindOf(urn);
    if (kind.retainOnDelete) {
      this.log('warning', urn, 'Removed from the state only: the value remains in Cloudflare');
      return;
    }
    await this.connected().request('DELETE', `${kind.collection(plain(oldState) as Properties)}/${id}`);
  }

  /** Calls a provider function. */
  async invoke(token: string, args: Properties): Promise<Properties> {
    return callFunction(this.connected(), token, args);
  }

  private connected(): ProviderApi {
    if (this.api === undefined) throw new Error('the provider was not configured');
    return this.api;
  }

  private deleted(urn: string, reason: string): ReadResult {
    this.log('warning', urn, `${reason}: it will be removed from the state`);
    return { id: '', inputs: {}, state: {} };
  }
}

function withDefaults({ attributes }: Kind, inputs: Properties): Properties {
  const defaults = Object.entries(attributes).flatMap(([name, attribute]) =>
    attribute.default === undefined ? [] : [[name, attribute.default]],
  );
  return { ...(Object.fromEntries(defaults) as Properties), ...inputs };
}

/** Splits an import id, such as `<account_id>/<tunnel_id>`, into the resource's id and its other properties. */
function parseImportId(kind: Kind, urn: string, id: string): { id: string; state: Properties } {
  // Applications are imported as accounts/<account_id>/<app_id>.
  const parts = id.replace(/^accounts\//, '').split('/');
  const ownId = parts.pop() ?? '';
  if (parts.length !== kind.importIdPrefix.length || ownId === '') {
    const expected = [...kind.importIdPrefix, 'id'].map((name) => `<${name}>`).join('/');
    throw new Error(`invalid ID "${id}" for ${parseUrn(urn).token}: expected ${expected}`);
  }
  const state = Object.fromEntries(kind.importIdPrefix.map((name, index) => [name, parts[index]]));
  return { id: ownId, state: kind.id === undefined ? state : { ...state, [kind.id]: ownId } };
}
