import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { startCloudflare, type CloudflareConfig } from '../../lab/services/cloudflare/standIn';
import type { CloudflareState } from '../../lab/services/cloudflare/types';
import type { RunningServer } from '../../lab/services/runServer';
import { temporaryFolder } from './temporaryFolder';

/** A token with all permissions that the program needs. */
export const rootToken = 'root'.repeat(10);
/** A token without Zone / DNS / Edit. */
export const weakToken = 'weak'.repeat(10);
/** An expired token. */
export const expiredToken = 'past'.repeat(10);

/** A response. Its result is untyped. */
interface Envelope {
  success: boolean;
  errors: { code: number; message: string }[];
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as `Response.json()` of the other tests here
  result: any;
  result_info?: unknown;
  messages?: unknown[];
}

/** A Cloudflare stand-in in this process, with two accounts and three zones. */
export class CloudflareLab {
  readonly config: CloudflareConfig = {
    port: 0,
    stateFile: path.join(temporaryFolder(), 'state.json'),
    accounts: [
      { name: 'ours', zones: ['example.org', 'example.net'] },
      { name: 'theirs', zones: ['elsewhere.org'] },
    ],
    tokens: [
      { name: 'root', value: rootToken },
      { name: 'weak', value: weakToken, without: ['DNS Write'] },
      { name: 'expired', value: expiredToken, expiresOn: '2020-01-01T00:00:00Z' },
    ],
  };
  private server: RunningServer | undefined;

  async start(): Promise<void> {
    this.server = await startCloudflare(this.config);
  }

  async stop(): Promise<void> {
    await this.server?.close();
  }

  get origin(): string {
    return `http://127.0.0.1:${this.server?.port ?? 0}`;
  }

  get baseUrl(): string {
    return `${this.origin}/client/v4`;
  }

  /** The stand-in's persisted state. */
  state(): CloudflareState {
    return JSON.parse(readFileSync(this.config.stateFile, 'utf8')) as CloudflareState;
  }

  zoneId(name: string): string {
    return this.state().zones.find((zone) => zone.name === name)?.id ?? '';
  }

  accountId(name: string): string {
    return this.state().accounts.find((account) => account.name === name)?.id ?? '';
  }

  /** Makes a call; returns the status and the parsed body. */
  async call(method: string, target: string, body?: unknown, token: string | undefined = rootToken) {
    const response = await fetch(this.baseUrl + target, {
      method,
      headers: token === '' ? {} : { authorization: `Bearer ${token}` },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const { success, errors, result, result_info: info, messages } = (await response.json()) as Envelope;
    return { status: response.status, success, errors, result, info, messages };
  }

  /** Makes a call that must fail; returns the status, and "<code> <message>" of each error. */
  async expectError(...call: Parameters<CloudflareLab['call']>): Promise<unknown[]> {
    const { status, success, errors } = await this.call(...call);
    expect(success).toBe(false);
    return [status, ...errors.map(({ code, message }) => `${code} ${message}`)];
  }
}
