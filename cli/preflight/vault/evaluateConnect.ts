import type { ConnectTokenProblem } from '../../../clients/onepassword/connectToken';
import { failed, type Line, ok, skipped } from '../checkResult';
import { itemLine } from './evaluateItem';
import type { VaultNeed } from './vaultNeeds';

export const connectLines = {
  server: (host: string) => ({ id: 'connect', what: `1Password Connect ${host}` }),
  readToken: { id: 'connect:read-token', what: '1Password token that reads (connectToken)' },
  writeToken: { id: 'connect:write-token', what: '1Password token that writes (connectWriteToken)' },
  vault: (vault: string) => ({ id: 'connect:vault', what: `1Password vault ${vault}` }),
};

const tokens: [ConnectTokenProblem['token'], { id: string; what: string }][] = [
  ['connectToken', connectLines.readToken],
  ['connectWriteToken', connectLines.writeToken],
];

/**
 * The lines of the two tokens and the vault. A vault that neither token sees is the vault's fault and not theirs; one
 * that only one of them sees is that token's.
 */
export function evaluateConnect(problems: readonly ConnectTokenProblem[], vault: string): Line[] {
  const blind = problems.filter(({ kind }) => kind === 'no-vault');
  const noVault = tokens.every(([token]) => blind.some((problem) => problem.token === token));
  const held = noVault ? problems.filter((problem) => !blind.includes(problem)) : problems;
  const lines = tokens.map(([token, line]) => {
    const problem = held.find((one) => one.token === token);
    return problem === undefined ? ok(line, 'accepted') : failed(line, problem.why, problem.fix);
  });
  const vaultLine = connectLines.vault(vault);
  if (noVault) {
    const fix = 'correct ONEPASSWORD_VAULT in the cluster settings, or give both tokens access to that vault';
    return [...lines, failed(vaultLine, 'neither token sees it', fix)];
  }
  const noToken = lines.every(({ state }) => state === 'failed');
  return [...lines, noToken ? skipped(vaultLine, 'no token to ask with') : ok(vaultLine, 'is there')];
}

/** Lines of items that cannot be asked for, because of the lines of Connect; nothing when they can. */
export function itemsNotAsked(connect: readonly Line[], needs: readonly VaultNeed[]): Line[] | undefined {
  const ids = ['connect', connectLines.readToken.id, 'connect:vault'];
  const first = connect.find(({ id, state }) => ids.includes(id) && state === 'failed');
  if (first === undefined) return undefined;
  return needs.map((need) => skipped(itemLine(need), `because of: ${first.what}`));
}
