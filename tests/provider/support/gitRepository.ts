import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const identity = { GIT_AUTHOR_NAME: 'test', GIT_AUTHOR_EMAIL: 't@example.org' };
const env = { ...process.env, ...identity, GIT_COMMITTER_NAME: 'test', GIT_COMMITTER_EMAIL: 't@example.org' };

/** A Git repository in a temporary folder, with branch `main`. */
export class GitRepository {
  readonly folder = mkdtempSync(join(tmpdir(), 'git-repository-'));
  /** For clients: a URL, because Git ignores `--depth` for a path. */
  readonly url = `file://${this.folder}`;

  /** @param tree the folder whose content becomes the first commit */
  constructor(tree: string) {
    this.git('init', '--quiet', '--initial-branch=main');
    cpSync(tree, this.folder, { recursive: true });
    this.commit({});
  }

  /** Commits the files and returns the commit (full SHA). */
  commit(files: Record<string, string>): string {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, name)), { recursive: true });
      writeFileSync(join(this.folder, name), text);
    }
    this.git('add', '--all');
    this.git('commit', '--quiet', '--allow-empty', '--message=change');
    return this.tip;
  }

  get tip(): string {
    return this.git('rev-parse', 'HEAD').trim();
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private git(...args: string[]): string {
    return execFileSync('git', args, { cwd: this.folder, env, encoding: 'utf8' });
  }
}
