/** A tool cannot be found or built: the message says what failed, why, and how to fix it. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}
