import type { ConnectTokenProblem } from '../../../clients/onepassword/connectToken';
import { type Check, type CheckResult, failed, ok, skipped } from '../checkResult';
import { itemCheck } from './evaluateItem';
import type { NeededItem } from './neededItems';

export const connectChecks = {
  server: (host: string) => ({ id: 'connect', what: `1Password Connect ${host}` }),
  readToken: { id: 'connect:read-token', what: '1Password read token (connectToken)' },
  writeToken: { id: 'connect:write-token', what: '1Password write token (connectWriteToken)' },
  vault: (vault: string) => ({ id: 'connect:vault', what: `1Password vault ${vault}` }),
};

const tokens: [ConnectTokenProblem['token'], Check][] = [
  ['connectToken', connectChecks.readToken],
  ['connectWriteToken', connectChecks.writeToken],
];

/**
 * The results of the two tokens and the vault. If neither token sees the vault, the vault fails; if only one does not
 * see it, that token fails.
 */
export function evaluateConnect(problems: readonly ConnectTokenProblem[], vault: string): CheckResult[] {
  const withoutVault = problems.filter(({ kind }) => kind === 'no-vault');
  const noVault = tokens.every(([token]) => withoutVault.some((problem) => problem.token === token));
  const tokenProblems = noVault ? problems.filter((problem) => !withoutVault.includes(problem)) : problems;
  const results = tokens.map(([token, check]) => {
    const problem = tokenProblems.find((candidate) => candidate.token === token);
    return problem === undefined ? ok(check, 'accepted') : failed(check, problem.why, problem.fix);
  });
  const vaultCheck = connectChecks.vault(vault);
  if (noVault) {
    const fix = 'correct ONEPASSWORD_VAULT in the cluster settings, or give both tokens access to that vault';
    return [...results, failed(vaultCheck, 'neither token sees it', fix)];
  }
  const noToken = results.every(({ state }) => state === 'failed');
  return [...results, noToken ? skipped(vaultCheck, 'both tokens failed') : ok(vaultCheck, 'exists')];
}

/** Skipped results for all items if Connect, the read token or the vault failed; undefined otherwise. */
export function skippedItems(connect: readonly CheckResult[], items: readonly NeededItem[]): CheckResult[] | undefined {
  const ids = ['connect', connectChecks.readToken.id, 'connect:vault'];
  const cause = connect.find(({ id, state }) => ids.includes(id) && state === 'failed');
  if (cause === undefined) return undefined;
  return items.map((item) => skipped(itemCheck(item), `depends on ${cause.what}, which failed`));
}
