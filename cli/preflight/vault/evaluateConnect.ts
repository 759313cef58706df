import { secretAge } from '../../../cluster/secretAges';
import type { ConnectTokenProblem } from '../../../clients/onepassword/connectToken';
import { type Check, type CheckResult, failed, ok, skipped, warning } from '../checkResult';
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
    if (problem === undefined) return ok(check, 'accepted');
    const result = problem.kind === 'expires-soon' ? warning : failed;
    return result(check, problem.why, problem.fix);
  });
  const vaultCheck = connectChecks.vault(vault);
  if (noVault) {
    const fix = 'correct ONEPASSWORD_VAULT in the cluster settings, or give both tokens access to that vault';
    return [...results, failed(vaultCheck, 'neither token sees it', fix)];
  }
  const noToken = results.every(({ state }) => state === 'failed');
  return [...results, noToken ? skipped(vaultCheck, 'both tokens failed') : ok(vaultCheck, 'exists')];
}

/** The results with a warning for an accepted token that has reached its maximum age; `issuedAt` is ISO 8601. */
export function withTokenAges(
  results: readonly CheckResult[],
  issuedAt: Readonly<Partial<Record<ConnectTokenProblem['token'], string>>>,
  now = new Date(),
): CheckResult[] {
  return results.map((result) => {
    const token = tokens.find(([, check]) => check.id === result.id)?.[0];
    const { replaceBy } = token === undefined ? {} : secretAge('bootstrap-token', issuedAt[token]);
    if (result.state !== 'ok' || replaceBy === undefined || Date.parse(replaceBy) > now.getTime()) return result;
    const fix = `create a new one and set it: pulumi config set --secret ${token}`;
    return warning(result, `accepted, but reached its maximum age at ${replaceBy}`, fix);
  });
}

/** Skipped results for all items if Connect, the read token or the vault failed; undefined otherwise. */
export function skippedItems(connect: readonly CheckResult[], items: readonly NeededItem[]): CheckResult[] | undefined {
  const ids = ['connect', connectChecks.readToken.id, 'connect:vault'];
  const cause = connect.find(({ id, state }) => ids.includes(id) && state === 'failed');
  if (cause === undefined) return undefined;
  return items.map((item) => skipped(itemCheck(item), `depends on ${cause.what}, which failed`));
}
