/** Every problem of the Git-authored tree in one error. Each problem starts with its file, or `file:line`. */
export class ManifestError extends Error {
  /** One line per problem: where, what, why and what to do. In order of discovery, without duplicates. */
  readonly problems: string[];

  constructor(problems: Iterable<string>) {
    const unique = [...new Set(problems)];
    super(unique.join('\n'));
    this.name = 'ManifestError';
    this.problems = unique;
  }
}

/** Collects problems so that a single run reports all of them. */
export class Problems {
  private readonly found: string[] = [];

  /** Adds a problem. `place` is a file of the repository, or `file:line`. */
  add(place: string, what: string): void {
    this.found.push(`${place}: ${what}`);
  }

  /** Runs a step and returns its result. If it throws a ManifestError, adds its problems and returns `undefined`. */
  collect<T>(step: () => T): T | undefined {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error;
      this.found.push(...error.problems);
      return undefined;
    }
  }

  /** Throws a ManifestError with the problems so far; call it only if there is at least one. */
  fail(): never {
    throw new ManifestError(this.found);
  }

  /** Throws a ManifestError if there is any problem. */
  throwIfAny(): void {
    if (this.found.length > 0) throw new ManifestError(this.found);
  }
}
