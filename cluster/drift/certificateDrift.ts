import type { MachineFinding } from './finding';

/** A certificate that was read. */
export interface FoundCertificate {
  /** The object that has it, as findings name it. */
  object: string;
  /** Which of its certificates: `Talos API`, `Kubernetes API`, … */
  field: string;
  notBefore: Date;
  notAfter: Date;
  /** What to do if it nears its end. */
  todo: string;
  /** `pulumi up` renews it this many days before its end; without that, the machine itself renews it long before. */
  upRenewsDays?: number;
}

/** A certificate that the machine renews by itself is stuck if only this share of its lifetime is left. */
const smallestShare = 0.1;
const day = 86_400_000;

/** The certificates that have expired, are not valid yet, or should have been renewed by now. */
export function certificateDrift(certificates: readonly FoundCertificate[], now: Date): MachineFinding[] {
  return certificates.flatMap(({ notBefore, notAfter, upRenewsDays, ...rest }): MachineFinding[] => {
    const left = notAfter.getTime() - now.getTime();
    const lifetime = notAfter.getTime() - notBefore.getTime();
    const until = `valid until ${notAfter.toISOString()}`;
    const finding = (why: string): MachineFinding[] => [
      { id: 'certificate', ...rest, found: until, why, ...(upRenewsDays !== undefined && { upMends: true }) },
    ];
    if (left <= 0) return finding('the certificate has expired');
    if (notBefore.getTime() > now.getTime())
      return finding(`the certificate is not valid before ${notBefore.toISOString()}`);
    if (upRenewsDays !== undefined) {
      return left >= upRenewsDays * day ? [] : finding(`the certificate expires within ${upRenewsDays} days`);
    }
    if (left >= lifetime * smallestShare) return [];
    return finding(
      `less than ${smallestShare * 100} % of the lifetime of the certificate is left, and nothing has renewed it`,
    );
  });
}
