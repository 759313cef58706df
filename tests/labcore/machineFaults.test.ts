import * as fs from 'node:fs';
import * as path from 'node:path';
import { machineFaults } from '../../lab/machines/faults';
import { temporaryDir } from './helpers';

const labDir = temporaryDir();
const file = path.join(labDir, 'machines.json');

test('without a file every machine is as its cluster wants it', () => expect(machineFaults(labDir)).toEqual({}));

test('a machine can be of another Talos', () => {
  fs.writeFileSync(file, JSON.stringify({ 'east-1': { talosVersion: 'v1.10.7' } }));
  expect(machineFaults(labDir)).toEqual({ 'east-1': { talosVersion: 'v1.10.7' } });
});

test.each([{ 'east-1': { version: 'v1.10.7' } }, { talosVersion: 'v1.10.7' }])('%j is refused', (content) => {
  fs.writeFileSync(file, JSON.stringify(content));
  expect(() => machineFaults(labDir)).toThrow(
    new Error(`${file}: wanted is { "<node>": { "talosVersion": "v1.2.3" } }; correct it, or remove it`),
  );
});
