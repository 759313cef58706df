import { durationSeconds } from '../../duration';
import { type Json, valueAt } from '../../kubernetesObject';
import { about, eachObject } from '../about';
import type { Check, RawFinding } from '../check';
import { show } from '../show';
import { isPush, keys, specPath } from './secretRefs';

/** A secret of somebody else's part of the vault, or one by a title that no item of ours has. */
export const externalSecretKey: Check = {
  id: 'external-secret-key',
  severity: 'error',
  set: 'platform',
  why: "A cluster reads its own part of the vault and the shared one: an item elsewhere is another cluster's, or not there.",
  *run(tree): Generator<RawFinding> {
    for (const [cluster, one] of eachObject(tree)) {
      const prefix = specPath(one);
      if (prefix === undefined) continue;
      for (const { path, key } of keys(valueAt(one.object, ...prefix), prefix)) {
        const wrong = wrongKey(key, cluster.name);
        if (wrong !== undefined) yield about(tree, cluster, one, path, wrong.what, wrong.todo);
      }
    }
  },
};

/** What is wrong with a title, which must be the item's whole path. */
function wrongKey(key: string, cluster: string): { what: string; todo: string } | undefined {
  const start = [`kubernetes/${cluster}/`, 'kubernetes/shared/'].find((allowed) => key.startsWith(allowed));
  if (start === undefined) {
    const what = key === '' ? 'looks through the whole vault' : `names ${key}`;
    const todo = 'name an item below kubernetes/<cluster>/ or kubernetes/shared/';
    return { what: `${what}, outside of the cluster's part of the vault`, todo };
  }
  const whole = key
    .slice(start.length)
    .split('/')
    .every((part) => /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(part));
  if (whole) return undefined;
  return {
    what: `names ${show(key)}, which is no title of an item`,
    todo: `name it ${start}<app>, of small letters, digits and hyphens`,
  };
}

/** The longest that a Secret may lag behind the vault. */
const refreshSeconds = 3600;

/** A Secret that takes what changed in the vault late, or never. */
export const externalSecretStale: Check = {
  id: 'external-secret-stale',
  severity: 'error',
  set: 'platform',
  why: 'What is rotated in the vault has to reach the cluster within the hour: the runbooks count on it.',
  *run(tree): Generator<RawFinding> {
    for (const [cluster, one] of eachObject(tree)) {
      const prefix = specPath(one);
      if (prefix === undefined || isPush(one)) continue;
      const spec = valueAt(one.object, ...prefix);
      // What comes from a generator alone would be made anew each time.
      if (keys(spec, prefix).next().done === true) continue;
      const wrong = lag(spec);
      if (wrong === undefined) continue;
      const todo = `remove it, or set refreshInterval to an hour or less`;
      yield about(tree, cluster, one, [...prefix, wrong.field], wrong.what, todo);
    }
  },
};

function lag(spec: Json | undefined): { field: string; what: string } | undefined {
  const policy = valueAt(spec, 'refreshPolicy');
  if (policy === 'CreatedOnce' || policy === 'OnChange') {
    return {
      field: 'refreshPolicy',
      what: `asks the vault only when it is made or changed (refreshPolicy: ${policy})`,
    };
  }
  const field = 'refreshInterval';
  const interval = valueAt(spec, field);
  const seconds = interval === '0' || interval === 0 ? 0 : durationSeconds(interval);
  if (seconds === 0) return { field, what: `asks the vault only once (refreshInterval: ${show(interval)})` };
  if (seconds === undefined || seconds <= refreshSeconds) return undefined;
  return { field, what: `asks the vault every ${show(interval)} only` };
}
