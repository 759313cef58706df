/** What the rules of stand-in operators read of an object. */
export interface ReportedObject {
  metadata: { name: string; namespace?: string; generation?: number; annotations?: Record<string, string> };
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
}
