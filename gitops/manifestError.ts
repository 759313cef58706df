/** What is wrong in the Git-authored tree, all of it at once. Each problem starts with `file:line`. */
export class ManifestError extends Error {
  /** One line each: where, what, why, what to do. Sorted as found, without repeats. */
  readonly problems: string[];

  constructor(problems: Iterable<string>) {
    const unique = [...new Set(problems)];
    super(unique.join('\n'));
    this.name = 'ManifestError';
    this.problems = unique;
  }
}

/** Collects problems while work goes on, so that the reader sees all of them in one run. */
export class Problems {
  private readonly found: string[] = [];

  /** Adds one problem. `place` is a file of the repository, or `file:line`. */
  add(place: string, what: string): void {
    this.found.push(`${place}: ${what}`);
  }

  /** Runs a step; what it throws as a ManifestError is added and `undefined` comes back. */
  collect<T>(step: () => T): T | undefined {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error;
      this.found.push(...error.problems);
      return undefined;
    }
  }

  /** Throws a ManifestError with the problems found, of which there must be one. */
  fail(): never {
    throw new ManifestError(this.found);
  }

  /** Throws a ManifestError if there was any problem. */
  throwIfAny(): void {
    if (this.found.length > 0) throw new ManifestError(this.found);
  }
}
