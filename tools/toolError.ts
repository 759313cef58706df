/** A tool that cannot be found or built: the message says what, why and what to do. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}
