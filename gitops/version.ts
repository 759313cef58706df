/** A version such as `v1.11.2` or `1.12.0-beta.0`. */
export interface Version {
  major: number;
  minor: number;
  patch: number;
  /** `beta.0`; empty for a release. */
  preRelease: string;
}

/** The parts of a complete version, with or without a leading `v` and build metadata; undefined for a range. */
export function parseVersion(text: string): Version | undefined {
  const found = /^v?(\d+)\.(\d+)\.(\d+)(?:-([\w.-]+))?(?:\+[\w.-]+)?$/.exec(text);
  if (found === null) return undefined;
  const [major = 0, minor = 0, patch = 0] = found.slice(1, 4).map(Number);
  return { major, minor, patch, preRelease: found[4] ?? '' };
}

/** Negative if the first version is the older one, positive if it is the newer one. Pre-releases of one version are equal. */
export function compareVersions(a: Version, b: Version): number {
  const numbers = a.major - b.major || a.minor - b.minor || a.patch - b.patch;
  return numbers || Number(a.preRelease === '') - Number(b.preRelease === '');
}

/** `1.34` of a version. */
export function minorOf({ major, minor }: Version): string {
  return `${major}.${minor}`;
}

/** Whether a version, which may lack its patch number, is of a minor version such as `1.12` or of a later one. */
export function isAtLeast(version: string, minor: string): boolean {
  const numbers = (text: string) => text.replace(/^v/, '').split('.').map(Number);
  const [[major = 0, ours = 0], [least = 0, theirs = 0]] = [numbers(version), numbers(minor)];
  return major > least || (major === least && ours >= theirs);
}
