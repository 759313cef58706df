import * as fs from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import type { Observed } from '../../lab/observability/observe';

/** Who asks, and what. */
export interface DoorRequest {
  path: string;
  user?: string;
  password?: string;
  /** Sent by POST. */
  body?: string;
}

/** An answer. */
export interface Answer {
  status: number;
  text: string;
}

/** Asks the front door by TLS: its certificate must be for its name in the clusters, and by the authority that callers know. */
export function askDoor(
  { door }: Pick<Observed, 'door'>,
  { path, user, password, body }: DoorRequest,
): Promise<Answer> {
  return send(new URL(path, door.url), body, {
    ca: fs.readFileSync(door.caFile),
    servername: door.name,
    ...(user !== undefined && { auth: `${user}:${password ?? ''}` }),
  });
}

/** Asks a program behind the door. */
export function ask(url: string): Promise<Answer> {
  return send(new URL(url), undefined, {});
}

function send(url: URL, body: string | undefined, options: https.RequestOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { request } = url.protocol === 'https:' ? https : http;
    const outgoing = request(
      url,
      {
        ...options,
        agent: false,
        method: body === undefined ? 'GET' : 'POST',
        headers: body === undefined ? {} : { 'content-type': 'application/json' },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** One series of a query's answer. */
export interface Sample {
  metric: Record<string, string>;
  value: [number, string];
}

/** The series that a query of `reader` has now. Throws with the answer if it is none. */
export async function query(observed: Pick<Observed, 'door'>, password: string, expression: string): Promise<Sample[]> {
  const path = `/select/0/prometheus/api/v1/query?query=${encodeURIComponent(expression)}`;
  const { status, text } = await askDoor(observed, { path, user: 'reader', password });
  if (status !== 200) throw new Error(`${expression}: ${status} ${text}`);
  return (JSON.parse(text) as { data: { result: Sample[] } }).data.result;
}

/** An alert that Alertmanager has. */
export interface ActiveAlert {
  labels: Record<string, string>;
  startsAt: string;
  receivers: { name: string }[];
}

/** The alerts of a name that are active now. */
export async function activeAlerts(
  { alertmanager }: Pick<Observed, 'alertmanager'>,
  name: string,
): Promise<ActiveAlert[]> {
  const filter = encodeURIComponent(`alertname="${name}"`);
  const { status, text } = await ask(`${alertmanager}/api/v2/alerts?active=true&filter=${filter}`);
  if (status !== 200) throw new Error(`Alertmanager: ${status} ${text}`);
  return JSON.parse(text) as ActiveAlert[];
}
