// Builds as units of systemd, sandlot-build@SLOT.service: each with a user, a view of the files and limits of its own, and one socket, to its
// builder. A slot is for one process and one build, and its name never comes again.
import { randomBytes } from 'node:crypto'
import { chmodSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { type BuildEnd, type BuildLauncher, type BuildProcess, whyOf } from '../build/process.ts'
import { runCommandFor } from './process.ts'
import { LINKS, readShown, SHOWN, signalName } from './shown.ts'

const LINK = '.build' // no name of a game has a dot
const SLOT_BYTES = 6
const END_MS = 1_000 // after which a process that was left alone and did not end is ended

export interface BuildUnitOptions {
  /** Path of systemctl. */
  systemctl: string
  /** Where the units look for their sockets. */
  links?: string
}

export const unitBuilds = ({ systemctl, links = LINKS }: BuildUnitOptions): BuildLauncher => {
  sweep(links)
  return { start: () => start(systemctl, links) }
}

function start(systemctl: string, links: string): BuildProcess {
  const slot = randomBytes(SLOT_BYTES).toString('hex')
  const unit = `sandlot-build@${slot}.service`
  const ask = (...words: string[]) => runCommandFor(systemctl, ['--no-ask-password', ...words, unit])
  const link = Promise.withResolvers<Socket | undefined>()
  let socket: Socket | undefined
  let isOver = false
  let last: NodeJS.Timeout | undefined
  const server = createServer((first) => {
    server.close() // takes the file away, too
    if (isOver) return void first.destroy()
    socket = first.on('error', () => {}) // its end says more
    link.resolve(socket)
  })
  const close = () => {
    isOver = true
    server.close()
    link.resolve(undefined)
  }
  const path = join(links, `${slot}${LINK}`)
  const listening = new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      chmodSync(path, 0o666) // it is another user who is shown this one file
      resolve()
    })
  })
  const run = async (): Promise<BuildEnd> => {
    try {
      await listening
    } catch (error) {
      return { why: 'not-started', said: `${(error as Error).message}\n` }
    }
    if (isOver) return { why: 'unknown', said: '' }
    const { ok, stderr } = await ask('start', '--wait')
    if (ok) return { why: 'unknown', said: '' }
    const { stdout } = await ask('show', ...SHOWN)
    void ask('reset-failed') // else systemd remembers the failure for ever
    return endOf(stdout, stderr)
  }
  const ended = run().then((end) => {
    clearTimeout(last)
    close() // not the socket: its last words may not have been read yet
    return end
  })
  return {
    link: link.promise,
    ended,
    /** It ends by itself when its socket is closed, if it is still what it was. */
    kill() {
      socket?.destroy()
      if (isOver) return
      close()
      last = setTimeout(async () => {
        const { ok } = await ask('kill', '--signal=SIGKILL')
        if (!ok) void ask('stop', '--no-block')
      }, END_MS)
    },
  }
}

/** `shown` is what `systemctl show` says of a unit that did not end well. */
export function endOf(shown: string, stderr: string): BuildEnd {
  const { result, status } = readShown(shown)
  const notStarted = { why: 'not-started', said: `${stderr || result || 'systemd does not answer'}\n` } as const
  switch (result) {
    case 'signal':
    case 'core-dump':
      return { why: whyOf(signalName(status)), said: '' }
    case 'oom-kill':
      return { why: 'memory', said: '' }
    case 'exit-code':
      return status >= 200 ? notStarted : { why: 'unknown', said: '' }
    default:
      return notStarted
  }
}

/** Sockets of builds whose supervisor was killed. */
function sweep(links: string): void {
  try {
    for (const name of readdirSync(links)) if (name.endsWith(LINK)) rmSync(join(links, name), { force: true })
  } catch {
    // there is no such folder: who wants to listen in it hears of that
  }
}
