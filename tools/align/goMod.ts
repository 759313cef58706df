/**
 * The version of every module that a go.mod lists: what it requires, or what it replaces that by.
 * @param text a go.mod as `go mod edit -fmt` writes it
 */
export function listedVersions(text: string): Map<string, string> {
  const versions = new Map<string, string>();
  const replaced = new Map<string, string>();
  let block = '';
  for (const line of text.split('\n')) {
    const words = line
      .replace(/\/\/.*/, '')
      .trim()
      .split(/\s+/);
    if (words[0] === ')') block = '';
    else if (words[1] === '(') block = words[0] ?? '';
    else {
      const [directive, ...rest] = block === '' ? words : [block, ...words];
      const arrow = rest.indexOf('=>');
      const [path, version] = rest;
      if (path === undefined || version === undefined) continue;
      if (directive === 'require') versions.set(path, version);
      if (directive === 'replace') replaced.set(path, rest[arrow + 2] ?? rest[arrow + 1] ?? '');
    }
  }
  for (const [path, version] of replaced) if (versions.has(path)) versions.set(path, version);
  return versions;
}
