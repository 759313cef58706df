import type { Path } from '../about';
import type { Check } from '../check';
import type { PodSecurityLevel } from '../security/podSecurity';
import type { Pods } from './pods';

/** What a rule finds in one object. */
export interface WorkloadFault {
  path: Path;
  what: string;
}

/** A rule about the pods of one object, whoever wrote it: Git, or a chart. */
export interface WorkloadRule extends Pick<Check, 'id' | 'severity' | 'why'> {
  todo: string;
  /** `level` is what Pod Security enforces where the pods run. */
  find: (pods: Pods, level: PodSecurityLevel) => Iterable<WorkloadFault>;
}
