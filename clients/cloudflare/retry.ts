import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudflareResponse } from './api';

const retries = 2;
const firstWaitMilliseconds = 500;

/** Makes up to three attempts, and returns the last response or throws the last error. `wait` is for tests. */
export async function retryTransient<T>(
  call: () => Promise<CloudflareResponse<T>>,
  wait: (milliseconds: number) => Promise<unknown> = sleep,
): Promise<CloudflareResponse<T>> {
  for (let attempt = 0; ; attempt++) {
    const last = attempt === retries;
    try {
      const answer = await call();
      if (last || !isTransient(answer.status)) return answer;
    } catch (error) {
      if (last) throw error;
    }
    await wait(firstWaitMilliseconds * 2 ** attempt);
  }
}

/** Whether a status is worth a retry. Cloudflare's own client also retries conflicts. */
function isTransient(status: number): boolean {
  return [408, 409, 429].includes(status) || status >= 500;
}
