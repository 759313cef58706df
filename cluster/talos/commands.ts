// Commands that messages advise. Each names its node: the talosconfig of a stack lists all, and would apply it to all.

/**
 * Returns a machine to maintenance mode. It keeps the system that is installed, which boots without another medium, and
 * all other disks. Needs the talosconfig of the cluster that the machine belongs to.
 */
export function resetCommand(node: string): string {
  const wiped = ['STATE', 'EPHEMERAL'].map((label) => `--system-labels-to-wipe ${label}`).join(' ');
  return `talosctl reset --nodes ${node} --endpoints ${node} --graceful=false --reboot ${wiped}`;
}
