/** One entry of `pulumi stack history --json`. */
interface Update {
  kind?: string;
  result?: string;
  resourceChanges?: Record<string, number>;
}

/**
 * How many resources the stack's last update changed, from its history: everything but "same". Undefined when the history
 * does not begin with an update that succeeded. (The engine's event log would say it too, with every secret in plain.)
 */
export function changesOfLastUpdate(history: string): number | undefined {
  const [last] = JSON.parse(history) as Update[];
  if (last?.kind !== 'update' || last.result !== 'succeeded') return undefined;
  const changes = Object.entries(last.resourceChanges ?? {});
  return changes.reduce((sum, [kind, count]) => (kind === 'same' ? sum : sum + count), 0);
}
