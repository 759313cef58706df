/** The fields of an object that the rules of stand-in operators read. */
export interface ReportedObject {
  metadata: {
    name: string;
    namespace?: string;
    generation?: number;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
  /** Of a Secret or ConfigMap. */
  data?: Record<string, string>;
}
