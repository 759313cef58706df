import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { lockHolder, tryLock } from '../tools/processLock';

/** A listening TCP socket: IPv4 address ("0.0.0.0" also for IPv6 wildcards) and port. */
export interface Listener {
  address: string;
  port: number;
}

// Below the kernel's default ephemeral range (32768 and up), which could claim a port between choice and use.
const firstPort = 20000;
const lastPort = 31999;

/** The listening sockets in the text of /proc/net/tcp or tcp6. */
export function parseListeners(text: string): Listener[] {
  const listeners: Listener[] = [];
  for (const line of text.split('\n').slice(1)) {
    const [, local, , state] = line.trim().split(/\s+/);
    if (local === undefined || state !== '0A') continue;
    const [hex = '', port = ''] = local.split(':');
    // The kernel prints addresses as little-endian words; in tcp6, a mapped IPv4 address is the last word.
    const word = hex.slice(-8);
    const octets = [6, 4, 2, 0].map((at) => parseInt(word.slice(at, at + 2), 16));
    listeners.push({ address: octets.join('.'), port: parseInt(port, 16) });
  }
  return listeners;
}

/** All listening TCP sockets of this machine. */
export function listListeners(): Listener[] {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
    fs.existsSync(file) ? parseListeners(fs.readFileSync(file, 'utf8')) : [],
  );
}

/** Whether something listens on the port at that address or at all addresses. */
export function isListening(address: string, port: number, listeners: Listener[] = listListeners()): boolean {
  return listeners.some((l) => l.port === port && (l.address === address || l.address === '0.0.0.0'));
}

/**
 * Reserves a port or prefix across all labs of this user, so that two labs that start together do not choose the same one
 * before either listens. Valid while the reserving process is alive. Returns false if another lab has reserved it.
 */
export function reserve(what: string, labDir: string): boolean {
  const dir = reservationDir();
  fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = path.join(dir, what);
  if (lockHolder<{ labDir: string }>(file)?.labDir === labDir) return true;
  return tryLock(file, { labDir }) !== undefined;
}

/** Releases all reservations of a lab. */
export function forgetReservations(labDir: string): void {
  const dir = reservationDir();
  if (!fs.existsSync(dir)) return;
  for (const name of fs.readdirSync(dir)) {
    const file = path.join(dir, name);
    try {
      const holder = JSON.parse(fs.readFileSync(file, 'utf8')) as { labDir: string };
      if (holder.labDir === labDir) fs.rmSync(file, { force: true });
    } catch {
      // Another lab is writing or has just released it.
    }
  }
}

function reservationDir(): string {
  return path.join(os.tmpdir(), `k8s-gitops-lab-${process.getuid?.() ?? 0}`);
}

/** A free port of 127.0.0.1 that is not in `taken` and that no other lab of this user has reserved. */
export function choosePort(labDir: string, taken: ReadonlySet<number>): number {
  const used = new Set(listListeners().map((l) => l.port));
  const count = lastPort - firstPort + 1;
  const start = hash(labDir) % count;
  for (let i = 0; i < count; i++) {
    const port = firstPort + ((start + i) % count);
    if (!used.has(port) && !taken.has(port) && reserve(`port-${port}`, labDir)) return port;
  }
  throw new Error(
    `lab: no free TCP port from ${firstPort} to ${lastPort} on 127.0.0.1; stop some of the processes that use them`,
  );
}

function hash(text: string): number {
  let value = 2166136261;
  for (const char of text) value = Math.imul(value ^ char.charCodeAt(0), 16777619) >>> 0;
  return value;
}
