import type { MachineLink } from '../../../clients/talos/resources';
import { keyPath } from '../../../cluster/keyPath';
import type { DeviceSelector, Network } from '../../../cluster/machine/networkSchema';
import type { Node } from '../../../cluster/stackSchema';
import type { Failure } from '../checkResult';
import { formatLinks, hasName, physicalLinks, selectedLinks } from './deviceSelector';

/** What a node's description expects of its machine's hardware and the machine does not have. */
export function linkFailures(
  { network }: Pick<Node, 'network'>,
  file: string,
  links: readonly MachineLink[] | undefined,
): Failure[] {
  if (links === undefined) return [];
  const found = `found ${formatLinks(physicalLinks(links))}`;
  const selectors = selectorsOf(network).flatMap(({ path, selector }): Failure[] => {
    if (selectedLinks(selector, links).length > 0) return [];
    const key = keyPath(['network', ...path]);
    const expected = Object.entries(selector)
      .map(([condition, value]) => (value === true ? condition : value))
      .join(' ');
    return [{ why: `no link matches ${key} (${expected}); ${found}`, fix: `correct ${key} in ${file}` }];
  });
  const names = hardwareNames(network).flatMap(({ path, name }): Failure[] => {
    if (links.some((link) => hasName(link, name))) return [];
    return [{ why: `has no link ${name}; ${found}`, fix: `correct ${keyPath(['network', ...path])} in ${file}` }];
  });
  return [...selectors, ...names];
}

/** What each described link is on the machine, for a message. */
export function describeLinks({ network }: Pick<Node, 'network'>, links: readonly MachineLink[]): string[] {
  return Object.entries(network.interfaces).flatMap(([name, { bond, deviceSelector }]) => {
    const selectors = bond?.deviceSelectors ?? (deviceSelector === undefined ? [] : [deviceSelector]);
    if (selectors.length === 0) return [];
    const ids = selectors.flatMap((selector) => selectedLinks(selector, links)).map(({ id }) => id);
    return [`${name} ${bond === undefined ? 'is' : 'of'} ${[...new Set(ids)].join(' and ')}`];
  });
}

/** Every device selector, with its path below `network`. */
function selectorsOf({ interfaces }: Network): { path: PropertyKey[]; selector: DeviceSelector }[] {
  return Object.entries(interfaces).flatMap(([name, { bond, deviceSelector }]) => [
    ...(deviceSelector === undefined
      ? []
      : [{ path: ['interfaces', name, 'deviceSelector'], selector: deviceSelector }]),
    ...(bond?.deviceSelectors ?? []).map((selector, index) => ({
      path: ['interfaces', name, 'bond', 'deviceSelectors', index],
      selector,
    })),
  ]);
}

/** Every link that the machine itself must have by name, with its path below `network`; bonds and the like are ours. */
function hardwareNames({ interfaces, ethernet }: Network): { path: PropertyKey[]; name: string }[] {
  const links = Object.entries(interfaces).flatMap(([name, { bond, bridge, dummy, deviceSelector }]) => {
    const path = ['interfaces', name];
    const members = [
      ...(bond?.interfaces ?? []).map((member, index) => ({
        path: [...path, 'bond', 'interfaces', index],
        name: member,
      })),
      ...(bridge?.interfaces ?? []).map((member, index) => ({
        path: [...path, 'bridge', 'interfaces', index],
        name: member,
      })),
    ];
    const isHardware = bond === undefined && bridge === undefined && deviceSelector === undefined && dummy !== true;
    return isHardware ? [{ path, name }, ...members] : members;
  });
  const ours = Object.entries(interfaces).flatMap(([name, { bond, bridge, dummy, vlans = {} }]) => [
    ...((bond ?? bridge ?? dummy) ? [name] : []),
    ...Object.keys(vlans).map((id) => `${name}.${id}`),
  ]);
  const all = [...links, ...Object.keys(ethernet).map((name) => ({ path: ['ethernet', name], name }))];
  return all.filter(
    ({ name }, index) => !ours.includes(name) && all.findIndex((other) => other.name === name) === index,
  );
}
