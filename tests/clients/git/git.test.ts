import { remoteTip } from '../../../clients/git/git';
import { FakeTool } from '../support/fakeTool';

const tip = 'a'.repeat(40);
const url = 'https://github.com/example/repo.git';
const signal = new AbortController().signal;

test('the tip of a branch', async () => {
  const git = new FakeTool(
    'git',
    `printf '%s ' "$@" > "$DIR/args"; env > "$DIR/env"; printf '${tip}\\trefs/heads/main\\n'`,
  );
  expect(await remoteTip(url, 'main', signal)).toBe(tip);
  expect(git.read('args')).toBe(`ls-remote -- ${url} refs/heads/main `);
  // The machine's own configuration has the credential helpers and authorities of a company.
  expect(git.read('env')).not.toMatch(/^GIT_CONFIG/m);
  expect(git.read('env')).toMatch(/^GIT_TERMINAL_PROMPT=0$/m);
  git.remove();
});

test('a missing branch and an unreadable remote are errors without credentials', async () => {
  const empty = new FakeTool('git', '');
  await expect(remoteTip('https://user:word@github.com/a.git', 'main', signal)).rejects.toThrow(
    'https://github.com/a.git has no branch main; push it, or correct GIT_BRANCH',
  );
  empty.remove();
  const offline = new FakeTool('git', 'echo "fatal: unable to access" >&2; exit 128');
  await expect(remoteTip('https://user:word@github.com/a.git', 'main', signal)).rejects.toThrow(
    'git cannot read https://github.com/a.git: fatal: unable to access',
  );
  offline.remove();
});
