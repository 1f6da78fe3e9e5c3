// What an operator would set, of the machines that the rig brings up.
import iceServers from './ice-servers.json' with { type: 'json' }

/** With every letter that has a meaning of its own on the way: in Nix, in systemd, in JSON. */
export const ICE_SERVERS = iceServers

export const CONTACT = 'write to "ops"@site.example, 100% read'

/** Of all games; and of the one that stands in for a host that was taken over, in MiB. */
export const PLAYERS = 199
export const PROBE_MEMORY_MIB = 256

const text = JSON.stringify(JSON.stringify(ICE_SERVERS)).replaceAll('$', '\\$')

/** Certificates of the rig's own, and two copies of each kind that are kept. The same as in ../checks/pair.nix. */
export const SETTINGS = `{
  tls.internal = true;
  sizes.bases = 2;
  sizes.gameCopies = 2;
  contact = ${JSON.stringify(CONTACT)};
  iceServers = builtins.fromJSON ${text};
  budgets.default.players = ${PLAYERS};
  budgets.games.probe.memoryMiB = ${PROBE_MEMORY_MIB};
}`
