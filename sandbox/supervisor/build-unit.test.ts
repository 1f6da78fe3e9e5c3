// Builds as units, with a stand-in for systemctl that starts what the unit would: the protocol over a socket that has a place, and what is
// said of one that ended. That the units themselves hold is tested in the rig.
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Builder } from '../build/builder.ts'
import { BUILD_FLAGS } from '../build/process.ts'
import { gameFolder, temporaryFolder } from '../testing/folder.ts'
import { endOf, unitBuilds } from './build-unit.ts'

const CHILD = fileURLToPath(new URL('../dist/build.js', import.meta.url))
let folder: ReturnType<typeof temporaryFolder>
let systemctl: string

beforeEach(() => {
  folder = temporaryFolder()
  systemctl = join(folder.path, 'systemctl')
})
afterEach(() => folder[Symbol.dispose]())

/** `start`: what it does to start the unit of $slot. */
function standIn(start: string, shown = ''): void {
  const text = `#!/bin/sh
echo "$*" >> ${folder.path}/asked
for unit in "$@"; do :; done
slot=\${unit#sandlot-build@}; slot=\${slot%.service}
case "$2" in
  start) ${start} ;;
  show) printf '${shown}' ;;
esac
`
  writeFileSync(systemctl, text)
  chmodSync(systemctl, 0o755)
}
const asked = () => readFileSync(join(folder.path, 'asked'), 'utf8').trim().split('\n')

describe('builds as units', () => {
  it('each have a slot of their own, whose socket is gone as soon as it is taken', async () => {
    standIn(`exec ${process.execPath} ${BUILD_FLAGS.join(' ')} ${CHILD} --supervisor unix:${folder.path}/$slot.build`)
    using out = temporaryFolder()
    using game = gameFolder({ 'server.js': 'export const setup = () => ({})\n' })
    writeFileSync(join(folder.path, 'left.build'), '')
    const builder = new Builder({ out: out.path, launcher: unitBuilds({ systemctl, links: folder.path }) })
    const one = await builder.build(game.path)
    game.write({ 'server.js': 'export const setup = () => ({ n: 1 })\n' })
    const other = await builder.build(game.path)
    await builder[Symbol.asyncDispose]()
    expect([one, other]).toMatchObject([{ ok: true }, { ok: true }])
    const started = asked().filter((line) => line.includes(' start '))
    expect(new Set(started).size).toBe(started.length)
    expect(started.length).toBeGreaterThanOrEqual(2)
    for (const line of started)
      expect(line).toMatch(/^--no-ask-password start --wait sandlot-build@[0-9a-f]{12}\.service$/)
    expect(readdirSync(folder.path).filter((name) => name.endsWith('.build'))).toEqual([])
  })

  it('that the kernel killed for their memory say so to the creator, and the failure is forgotten', async () => {
    standIn('exit 1', 'Result=oom-kill\\nExecMainStatus=9\\n')
    using out = temporaryFolder()
    using game = gameFolder({})
    await using builder = new Builder({ out: out.path, launcher: unitBuilds({ systemctl, links: folder.path }) })
    expect(await builder.build(game.path)).toMatchObject({
      ok: false,
      problem: { message: expect.stringMatching(/ran out of memory/) },
    })
    expect(asked().some((line) => line.includes(' reset-failed sandlot-build@'))).toBe(true)
  })

  it.each([
    ['no systemctl', () => folder.path],
    [
      'no folder for its socket',
      () => {
        standIn('exit 1', 'Result=signal\\nExecMainStatus=9\\n')
        return join(folder.path, 'nowhere')
      },
    ],
  ])('%s: the creator reads that the game server has a fault', async (_what, prepare) => {
    const launcher = unitBuilds({ systemctl, links: prepare() })
    using out = temporaryFolder()
    using game = gameFolder({})
    await using builder = new Builder({ out: out.path, launcher })
    expect(await builder.build(game.path)).toMatchObject({
      ok: false,
      problem: { message: expect.stringMatching(/could not be started/) },
    })
  })

  it.each([
    ['Result=signal\nExecMainStatus=14', '', 'time'],
    ['Result=signal\nExecMainStatus=12', '', 'memory'],
    ['Result=signal\nExecMainStatus=6', '', 'memory'],
    ['Result=core-dump\nExecMainStatus=26', '', 'stuck'],
    ['Result=signal\nExecMainStatus=11', '', 'unknown'],
    ['Result=oom-kill\nExecMainStatus=9', '', 'memory'],
    ['Result=exit-code\nExecMainStatus=1', '', 'unknown'],
    ['Result=exit-code\nExecMainStatus=226', '', 'not-started'],
    ['Result=resources\nExecMainStatus=0', '', 'not-started'],
    ['Result=success\nExecMainStatus=0', 'Access denied', 'not-started'],
    ['', '', 'not-started'],
  ])('%j after %j: %s', (shown, stderr, why) => {
    expect(endOf(shown, stderr).why).toBe(why)
  })
})
