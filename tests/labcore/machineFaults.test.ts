import * as fs from 'node:fs';
import * as path from 'node:path';
import { machineFaults } from '../../lab/machines/faults';
import { temporaryDir } from './helpers';

const labDir = temporaryDir();
const file = path.join(labDir, 'machines.json');

test('without a file, all machines match their cluster’s settings', () => expect(machineFaults(labDir)).toEqual({}));

test('a machine can run another Talos version', () => {
  fs.writeFileSync(file, JSON.stringify({ 'east-1': { talosVersion: 'v1.10.7' } }));
  expect(machineFaults(labDir)).toEqual({ 'east-1': { talosVersion: 'v1.10.7' } });
});

test('a machine can misbehave in several ways', () => {
  const faults = {
    'east-1': { upgrade: 'falls-back', bootSeconds: 60, unpullable: ['kube-scheduler:v1.34.4'] },
    'east-2': { power: 'off' },
  };
  fs.writeFileSync(file, JSON.stringify(faults));
  expect(machineFaults(labDir)).toEqual(faults);
});

test.each([
  { 'east-1': { version: 'v1.10.7' } },
  { 'east-1': { upgrade: 'fails' } },
  { 'east-1': { power: 'on' } },
  { talosVersion: 'v1.10.7' },
])('%j is rejected', (content) => {
  fs.writeFileSync(file, JSON.stringify(content));
  expect(() => machineFaults(labDir)).toThrow(
    new Error(
      `${file}: expected { "<node>": { "talosVersion": "v1.2.3" } }, or other faults of lab/machines/faults.ts; correct or delete it`,
    ),
  );
});
