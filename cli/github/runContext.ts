import type { GitHubAccess } from '../../clients/github/api';
import { UserError } from '../../clients/userError';

/** The run of a workflow that a command is part of. */
export interface RunContext extends GitHubAccess {
  /** The page of the run. */
  runUrl: string;
}

/**
 * The run from the environment that GitHub Actions sets (docs.github.com, "Variables reference").
 * @throws UserError that names everything missing
 */
export function runContext(env: NodeJS.ProcessEnv): RunContext {
  const names = ['GITHUB_TOKEN', 'GITHUB_REPOSITORY', 'GITHUB_RUN_ID'] as const;
  const missing = names.filter((name) => !env[name]);
  if (missing.length > 0) {
    throw new UserError(`${missing.join(', ')}: not set; run it in a job of GitHub Actions, with the token in \`env\``);
  }
  const { GITHUB_TOKEN: token = '', GITHUB_REPOSITORY: repository = '', GITHUB_RUN_ID: run = '' } = env;
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) {
    throw new UserError(`GITHUB_REPOSITORY: found ${repository}, expected <owner>/<name>`);
  }
  const server = env.GITHUB_SERVER_URL || 'https://github.com';
  return {
    token,
    repository,
    apiUrl: env.GITHUB_API_URL || 'https://api.github.com',
    runUrl: `${server}/${repository}/actions/runs/${run}`,
  };
}
