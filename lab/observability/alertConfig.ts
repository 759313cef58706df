import { isMap, type Json, listOf, textOf } from '../../gitops/kubernetesObject';
import { type Hosts, requiredHostUrl } from './hosts';
import { type Item, nameOf, selected } from './objects';

/** How much faster than in Git the lab evaluates; nothing if it does not. */
export interface Haste {
  /** Seconds between scrapes and between evaluations. */
  interval: number;
  /** Seconds that an alert is pending at most. */
  pending: number;
}

/** A file with rules. */
export interface RuleFile {
  name: string;
  content: { groups: Json[] };
}

/**
 * The rule files of a VMAlert: the groups of the VMRules that it selects, as the operator writes them into ConfigMaps. In haste, no
 * alert is pending for longer, and no group has an interval of its own.
 */
export function ruleFiles(alert: Item, rules: readonly Item[], haste?: Haste): RuleFile[] {
  return selected(alert, 'ruleSelector', rules).map((rule) => ({
    name: `${rule.metadata.namespace ?? ''}-${rule.metadata.name}.yaml`,
    content: {
      groups: listOf(rule.spec?.['groups']).map((group) => (haste === undefined ? group : hasty(group, haste))),
    },
  }));
}

function hasty(group: Json, { pending }: Haste): Json {
  if (!isMap(group)) return group;
  const { interval: _interval, ...rest } = group;
  return { ...rest, rules: listOf(rest['rules']).map((rule) => hastyRule(rule, pending)) };
}

function hastyRule(rule: Json, pending: number): Json {
  if (!isMap(rule) || rule['for'] === undefined) return rule;
  const { keep_firing_for: _keep, ...rest } = rule;
  return { ...rest, for: `${pending}s` };
}

/** vmalert's flags in the lab, without its rules: addresses instead of Services; every notifier is the lab's only one. */
export function alertFlags(alert: Item, hosts: Hosts, haste?: Haste): [string, string][] {
  const spec = alert.spec ?? {};
  const url = (key: string): string => {
    const value = isMap(spec[key]) ? textOf(spec[key]['url']) : '';
    if (value === '') throw new Error(`VMAlert ${nameOf(alert)}: it has no ${key}.url`);
    return requiredHostUrl(value, hosts);
  };
  const interval = haste === undefined ? textOf(spec['evaluationInterval'], '15s') : `${haste.interval}s`;
  return [
    ['datasource.url', url('datasource')],
    ['remoteRead.url', url('remoteRead')],
    ['remoteWrite.url', url('remoteWrite')],
    ['notifier.url', `http://${hosts.alertmanager}`],
    ['evaluationInterval', interval],
    ...Object.entries(isMap(spec['externalLabels']) ? spec['externalLabels'] : {}).map(
      ([key, value]): [string, string] => ['external.label', `${key}=${textOf(value)}`],
    ),
    ...(haste === undefined ? [] : ([['rule.evalDelay', '1s']] as [string, string][])),
  ];
}
