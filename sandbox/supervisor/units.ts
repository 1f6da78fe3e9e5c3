// Game hosts as units of systemd, sandlot-game@GAME.service: each with a user, a view of the files and limits of its own. systemctl asks
// for them over D-Bus, and polkit lets the supervisor have exactly these and those of builds (build-unit.ts).
import { readFileSync } from 'node:fs'
import { STALL_MS } from '@sandlot/shared/limits.ts'
import { LAST_SIGNALS } from '../host/flags.ts'
import { unitBuilds } from './build-unit.ts'
import { type ExitReason, type Launcher, type Running, runCommandFor } from './process.ts'
import { LINKS, readShown, SHOWN, signalName } from './shown.ts'

const PLAY = '/run/sandlot-game' // a folder a game, which systemd makes for its user
const CGROUPS = '/sys/fs/cgroup/sandlot.slice/sandlot-game.slice'

/** Its line of error output is in the machine's journal, which is not ours to read. */
const LAST_WORDS_OF: Partial<Record<NodeJS.Signals, string>> = {
  [LAST_SIGNALS.silent]: `a room did not come back for ${STALL_MS} ms and could not be interrupted`,
  [LAST_SIGNALS.memory]: 'it used more memory than it may have',
  [LAST_SIGNALS.broken]: 'a room ran out of memory in a way that V8 cannot recover from',
}

export interface UnitOptions {
  /** Path of systemctl. */
  systemctl: string
}

/** Where ticket key and site come from is written in the unit; nothing that a caller says reaches its command line. */
export const unitLauncher = ({ systemctl }: UnitOptions): Launcher => ({
  builds: unitBuilds({ systemctl }),
  sockets: (game) => ({ play: `${PLAY}/${game}/play`, link: `${LINKS}/${game}.link` }),
  start({ game }): Running {
    const unit = `sandlot-game@${game}.service`
    const ask = (...words: string[]) => runCommandFor(systemctl, ['--no-ask-password', ...words, unit])
    return {
      pid: undefined,
      exited: ask('start', '--wait').then(async ({ stderr }) => {
        const { stdout } = await ask('show', ...SHOWN)
        void ask('reset-failed') // else systemd remembers the failure for ever
        return exitReason(stdout, stderr)
      }),
      kill(signal) {
        void ask('kill', `--signal=${signal}`).then(({ ok }) => (ok ? undefined : ask('stop', '--no-block')))
      },
      memoryMiB: () => memoryMiB(`${CGROUPS}/${unit}/memory.stat`),
      waitedMs: () => waitedMs(`${CGROUPS}/${unit}/cpu.pressure`),
    }
  },
})

/** `shown` is what `systemctl show` says of a unit that has ended. */
export function exitReason(shown: string, stderr: string): ExitReason {
  const { result, status } = readShown(shown)
  switch (result) {
    case 'success':
      return stderr === '' ? { type: 'exit', code: 0 } : { type: 'not-started', message: stderr }
    case 'exit-code':
      return status >= 200
        ? { type: 'not-started', message: `systemd ended it with ${status}` }
        : { type: 'exit', code: status }
    case 'signal':
    case 'core-dump': {
      const signal = signalName(status)
      const why = LAST_WORDS_OF[signal]
      return why ? { type: 'ended-itself', why } : { type: 'signal', signal }
    }
    case 'oom-kill':
      return { type: 'ended-itself', why: 'it used more memory than this machine gives a game' }
    default:
      return { type: 'not-started', message: stderr || result || 'systemd does not answer' }
  }
}

/** Memory that belongs to its processes; the files that the kernel keeps for them are taken back when needed. */
function memoryMiB(path: string): number | null {
  try {
    const bytes = /^anon (\d+)$/m.exec(readFileSync(path, 'utf8'))?.[1]
    return bytes === undefined ? null : Number(bytes) / 2 ** 20
  } catch {
    return null // gone, or not there yet
  }
}

/** How long at least one of its threads has waited for a processor. */
function waitedMs(path: string): number {
  try {
    return Number(/^some .*total=(\d+)$/m.exec(readFileSync(path, 'utf8'))?.[1] ?? 0) / 1000
  } catch {
    return 0
  }
}
