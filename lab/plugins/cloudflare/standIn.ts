import { hasUnknown, plain, textAt, type Properties } from '../provider/properties';
import { parseUrn } from '../kubernetes/objects';
import { ProviderApi, readApiConfig, RefusedCall } from './api';
import type { Log } from '../provider/engineLog';
import { callFunction } from './functions';
import { kindOf, type Kind } from './kinds';
import { planCreate, planUpdate } from './plan';
import { inputsAfterRead, stateAfterRead, stateAfterWrite, withSecrets } from './refreshed';
import { bodyOf, propertiesOf } from './translate';

/** Outcome of comparing state and inputs: names of properties. */
export interface ResourceDiff {
  changed: string[];
  replaces: string[];
}

/** What is read of a resource; `id` is empty when it is gone. */
export interface ReadResult {
  id: string;
  inputs: Properties;
  state: Properties;
}

/**
 * The stand-in for the Cloudflare provider: its calls, on plain property bags. For the kinds in `kinds.ts` it does what
 * the bridged Terraform provider (version 5) does, also where that hurts: an object that is there already is an error and
 * is never taken over, a tunnel that somebody deleted in the dashboard is still found, a tunnel's secret is never read
 * back, a token's value comes once, a zone's setting outlives its resource.
 */
export class CloudflareStandIn {
  private api: ProviderApi | undefined;
  private readonly stop = new AbortController();
  /** Where messages to people go. */
  log: Log = () => undefined;

  /** Takes the settings. */
  configure(variables: Record<string, string>): void {
    this.api = new ProviderApi(readApiConfig(variables, process.env), this.stop.signal);
  }

  /** Ends what is under way. */
  cancel(): void {
    this.stop.abort(new Error('the run was cancelled'));
  }

  /** Names what the inputs lack, or have and the stand-in does not know. */
  check(urn: string, news: Properties): { inputs: Properties; failures: { property: string; reason: string }[] } {
    const { attributes, check } = kindOf(urn);
    const inputs = plain(news) as Properties;
    const missing = Object.keys(attributes).filter(
      (name) => attributes[name]?.use === 'required' && inputs[name] === undefined,
    );
    const unknown = Object.keys(inputs).filter((name) => (attributes[name]?.use ?? 'computed') === 'computed');
    const refused = hasUnknown(inputs) ? undefined : check?.(inputs);
    return {
      inputs: news,
      failures: [
        ...missing.map((property) => ({ property, reason: 'Missing required argument' })),
        ...unknown.map((property) => ({
          property,
          reason: "is not among the properties that the lab's stand-in for the Cloudflare provider serves",
        })),
        ...(refused === undefined ? [] : [{ property: '', reason: refused }]),
      ],
    };
  }

  /** Compares the state with the inputs. */
  diff(urn: string, state: Properties, inputs: Properties): ResourceDiff {
    const { changed, replaces } = planUpdate(kindOf(urn), plain(state) as Properties, plain(inputs) as Properties);
    return { changed, replaces };
  }

  /** Creates it; a preview says what it will be and asks nobody. */
  async create(urn: string, news: Properties, preview: boolean): Promise<{ id: string; state: Properties }> {
    const kind = kindOf(urn);
    const inputs = plain(news) as Properties;
    if (kind.stays)
      this.log('warning', urn, 'This resource cannot be destroyed: it will stay in Cloudflare as it is set here');
    const planned = planCreate(kind, inputs);
    if (preview) return { id: '', state: withSecrets(kind, planned) };
    const own = kind.id === undefined ? '' : `/${textAt(inputs, kind.id) ?? ''}`;
    const answer = await this.connected().request(
      kind.create,
      kind.collection(inputs) + own,
      bodyOf(kind, withDefaults(kind, inputs)),
    );
    const state = stateAfterWrite(kind, inputs, propertiesOf(kind, answer), {});
    return {
      id: textAt(kind.id === undefined ? answer : inputs, kind.id ?? 'id') ?? '',
      state: withSecrets(kind, state),
    };
  }

  /** Reads it as it is. Only a 404 means that it is gone. */
  async read(urn: string, id: string, oldState: Properties, oldInputs: Properties): Promise<ReadResult> {
    const kind = kindOf(urn);
    const known = Object.keys(oldState).length > 0;
    const imported = known ? { id, state: {} } : readImportId(kind, urn, id);
    const state = known ? (plain(oldState) as Properties) : imported.state;
    try {
      const answer = await this.connected().request('GET', `${kind.collection(state)}/${imported.id}`);
      const now = stateAfterRead(kind, state, propertiesOf(kind, answer));
      if (now.status === 'expired' && kind.attributes.value !== undefined)
        return this.gone(urn, 'Token expired or revoked');
      return { id: imported.id, inputs: inputsAfterRead(kind, oldInputs, now), state: withSecrets(kind, now) };
    } catch (error) {
      if (error instanceof RefusedCall && error.status === 404) return this.gone(urn, 'Resource not found');
      throw error;
    }
  }

  /** Updates it in place. */
  async update(urn: string, id: string, oldState: Properties, news: Properties, preview: boolean): Promise<Properties> {
    const kind = kindOf(urn);
    const [state, inputs] = [plain(oldState) as Properties, plain(news) as Properties];
    const { changed, planned } = planUpdate(kind, state, inputs);
    if (preview) return withSecrets(kind, planned);
    const whole = withDefaults(kind, inputs);
    const body = bodyOf(kind, whole, (name) => kind.partial === undefined || changed.includes(name));
    const answer = await this.connected().request(kind.update, `${kind.collection(state)}/${id}`, body);
    return withSecrets(kind, stateAfterWrite(kind, inputs, propertiesOf(kind, answer), state));
  }

  /** Deletes it. What is not there is an error, as it is for the real one. */
  async delete(urn: string, id: string, oldState: Properties): Promise<void> {
    const kind = kindOf(urn);
    if (kind.stays) {
      this.log('warning', urn, 'Only forgotten: it stays in Cloudflare as it is set');
      return;
    }
    await this.connected().request('DELETE', `${kind.collection(plain(oldState) as Properties)}/${id}`);
  }

  /** Calls a function. */
  async invoke(token: string, args: Properties): Promise<Properties> {
    return callFunction(this.connected(), token, args);
  }

  private connected(): ProviderApi {
    if (this.api === undefined) throw new Error('the provider was not configured');
    return this.api;
  }

  private gone(urn: string, why: string): ReadResult {
    this.log('warning', urn, `${why}: it will be removed from the state`);
    return { id: '', inputs: {}, state: {} };
  }
}

function withDefaults({ attributes }: Kind, inputs: Properties): Properties {
  const defaults = Object.entries(attributes).flatMap(([name, attribute]) =>
    attribute.default === undefined ? [] : [[name, attribute.default]],
  );
  return { ...(Object.fromEntries(defaults) as Properties), ...inputs };
}

/** `<account_id>/<tunnel_id>` and the like. */
function readImportId(kind: Kind, urn: string, id: string): { id: string; state: Properties } {
  // Applications are imported as accounts/<account_id>/<app_id>.
  const parts = id.replace(/^accounts\//, '').split('/');
  const own = parts.pop() ?? '';
  if (parts.length !== kind.importedBy.length || own === '') {
    const wanted = [...kind.importedBy, 'id'].map((name) => `<${name}>`).join('/');
    throw new Error(`invalid ID "${id}" for ${parseUrn(urn).token}: expected ${wanted}`);
  }
  const state = Object.fromEntries(kind.importedBy.map((name, index) => [name, parts[index]]));
  return { id: own, state: kind.id === undefined ? state : { ...state, [kind.id]: own } };
}
