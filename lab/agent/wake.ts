/** Lets a loop sleep until something happens. */
export class Wake {
  private rung = false;
  private end: (() => void) | undefined;

  /** Ends the current wait, or the next one immediately. */
  ring(): void {
    this.rung = true;
    this.end?.();
  }

  /** Waits until the next ring since the last wait, but not longer than this. */
  async wait(milliseconds: number): Promise<void> {
    if (!this.rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.end = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.end = undefined;
    this.rung = false;
  }
}
