/** One entry of `pulumi stack history --json`. */
interface Update {
  kind?: string;
  result?: string;
  resourceChanges?: Record<string, number>;
}

/**
 * How many resources the stack's last update changed, according to its history: all operations except "same". Undefined if
 * the latest entry is not a successful update. (The engine's event log has this too, but with all secrets in plaintext.)
 */
export function changesOfLastUpdate(history: string): number | undefined {
  const [last] = JSON.parse(history) as Update[];
  if (last?.kind !== 'update' || last.result !== 'succeeded') return undefined;
  const changes = Object.entries(last.resourceChanges ?? {});
  return changes.reduce((sum, [kind, count]) => (kind === 'same' ? sum : sum + count), 0);
}
