// The rig ended before its time: nothing of it may be left on the machine.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'vitest'

/** Writes to its folder as long as it lives, and what it has begun is not on its stack yet; then it ends itself as `how` says. */
const program = (how: string) => `
  import { spawn } from 'node:child_process'
  import { mkdir, writeFile } from 'node:fs/promises'
  import { endOnSignals, mortal, ownFolder } from '${new URL('./ending.ts', import.meta.url)}'
  const stack = new AsyncDisposableStack()
  endOnSignals(stack)
  const { path, remove } = ownFolder('sandlot-rig')
  stack.defer(remove)
  stack.defer(() => console.log('in order'))
  const busy = async () => {
    for (let at = 0; ; at++) {
      await mkdir(path + '/deep/' + (at % 99), { recursive: true })
      await writeFile(path + '/deep/' + (at % 99) + '/file', 'x')
      if (at === 50) {
        console.log(mortal(spawn('sleep', ['600'])).pid)
        ${how}
      }
    }
  }
  busy()`

describe.concurrent('the rig leaves no folder and no process', () => {
  it.for([
    ['a signal', `process.kill(process.pid, 'SIGTERM')`, true],
    ['two signals', `process.kill(process.pid, 'SIGTERM'); process.kill(process.pid, 'SIGINT')`, null],
    ['an error that nobody caught', `throw new Error('as it happens')`, false],
  ] as const)('after %s', async ([_, how, inOrder], { expect }) => {
    const place = await mkdtemp(join(tmpdir(), 'sandlot-ending-'))
    try {
      const words = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program(how)]
      const said = await new Promise<{ code: unknown; text: string }>((resolve) =>
        execFile(process.execPath, words, { env: { ...process.env, TMPDIR: place } }, (error, text) =>
          resolve({ code: error?.code, text }),
        ),
      )
      expect(said.code).toBe(1)
      const pid = /^\d+$/m.exec(said.text)![0]
      await expect.poll(() => existsSync(`/proc/${pid}`), { timeout: 20_000 }).toBe(false)
      expect(await readdir(place)).toEqual([])
      if (inOrder !== null) expect(said.text.includes('in order')).toBe(inOrder)
    } finally {
      await rm(place, { recursive: true, force: true })
    }
  })
})
