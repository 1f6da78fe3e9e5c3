import { expect, it } from 'vitest'
import { Run } from './run.svelte.ts'

/** A studio that answers `answers` in turn, then that all went well. */
function studio(...answers: ({ ok: true } | { ok: false; text: string } | Error)[]) {
  const calls: string[] = []
  const way = (name: string) => ({
    mutate: async () => {
      calls.push(name)
      const answer = answers.shift() ?? { ok: true }
      if (answer instanceof Error) throw answer
      return answer
    },
  })
  return { calls, run: new Run({ api: { studio: { start: way('start'), stop: way('stop') } } as never, game: 'pong' }) }
}

it('a restart is a stop, then a start', async () => {
  const { run, calls } = studio()
  expect(await run.do('restart')).toBe(true)
  expect(calls).toEqual(['stop', 'start'])
  expect([run.doing, run.problem]).toEqual([null, null])
})

it('what did not work is said, ends a restart, and is forgotten with the next try', async () => {
  const { run, calls } = studio({ ok: false, text: 'Not now.' })
  expect(await run.do('restart')).toBe(false)
  expect([calls, run.problem]).toEqual([['stop'], 'Not now.'])
  expect(await run.do('start')).toBe(true)
  expect(run.problem).toBe(null)
})

it('a request that fails leaves a sentence, and the next one is possible', async () => {
  const { run } = studio(new Error('the network is gone'))
  expect(await run.do('stop')).toBe(false)
  expect([run.doing, run.problem]).toEqual([null, expect.stringMatching(/\.$/)])
  expect(await run.do('stop')).toBe(true)
})

it('two presses are one', async () => {
  const { run, calls } = studio()
  const both = [run.do('stop'), run.do('stop')]
  expect(run.doing).toBe('stop')
  expect(await Promise.all(both)).toEqual([true, false])
  expect(calls).toEqual(['stop'])
})
