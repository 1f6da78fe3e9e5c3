import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { MEMBERS } from './absent.ts'
import { ProblemCount, toProblem } from './problem.ts'

const BUILD = 'https://play.example/pong/build/0123456789abcdef0123456789abcdef/'

it('an error names the creator’s own file, line and column, and no line of ours', () => {
  const stack = `TypeError: no ship
    at steer (${BUILD}parts/ship.js:12:7)
    at Array.<anonymous> (${BUILD}client.js:3:1)
    at Callbacks.call (blob:null/8a1b:1:500)`
  expect(toProblem({ message: 'TypeError: no ship', stack }, BUILD)).toEqual({
    message: 'TypeError: no ship',
    file: 'parts/ship.js',
    line: 12,
    column: 7,
    stack: 'TypeError: no ship\n    at steer (parts/ship.js:12:7)\n    at Array.<anonymous> (client.js:3:1)',
  })
})

it('the stacks of Firefox and Safari are understood too', () => {
  const stack = `steer@${BUILD}client.js:12:7\n@${BUILD}client.js:40:1\nrun@blob:null/8a1b:1:5`
  expect(toProblem({ message: 'Error: x', stack }, BUILD)).toMatchObject({ file: 'client.js', line: 12, column: 7 })
})

it('a file is named as its creator named it, not as its URL', () => {
  const stack = `Error: 100%25
    at steer (${BUILD}my%20parts/sm%C3%A5%20ship.js:12:7)
    at ${BUILD}bad%zz.js:1:1`
  expect(toProblem({ message: `Error: no ${BUILD}assets/my%20ship.png`, stack }, BUILD)).toEqual({
    message: 'Error: no assets/my ship.png',
    file: 'my parts/små ship.js',
    line: 12,
    column: 7,
    stack: 'Error: 100%25\n    at steer (my parts/små ship.js:12:7)\n    at bad%zz.js:1:1',
  })
})

it('a name that only web pages have is told with what a game has instead', () => {
  const told = (message: string) => toProblem({ message, stack: '' }, BUILD).message
  expect(told('ReferenceError: fetch is not defined')).toBe(
    'ReferenceError: fetch is not defined. A game has no network of its own: gameAPI.send reaches server.js.',
  )
  expect(told("ReferenceError: Can't find variable: document")).toMatch(/draw with gameAPI\.createSprite/)
  expect(told('ReferenceError: ship is not defined')).toBe('ReferenceError: ship is not defined')
  expect(told('TypeError: fetch is not defined')).toBe('TypeError: fetch is not defined')
})

it('a misspelt name of gameAPI is told with the one that was meant, and what cannot be set with where it is set', () => {
  const told = (message: string) => toProblem({ message, stack: '' }, BUILD).message
  expect(told('TypeError: gameAPI.creatSprite is not a function')).toMatch(/\. Did you mean gameAPI\.createSprite\?$/)
  expect(told('TypeError: gameAPI.onupdate is not a function')).toMatch(/gameAPI\.onUpdate\?$/)
  expect(told('TypeError: gameAPI.players is not a function')).toMatch(/is a value: read it without \( \)\.$/)
  expect(told('TypeError: gameAPI.explodeEverything is not a function')).toMatch(/is not a function$/)
  expect(told("TypeError: Cannot assign to read only property 'width' of object '#<Object>'")).toMatch(/game\.json\.$/)
  expect(told("TypeError: Cannot assign to read only property 'mine' of object '#<Object>'")).toMatch(/'#<Object>'$/)
})

it('every example of a function of gameAPI has a name that can be meant', () => {
  const examples = readdirSync(new URL('../examples/api/clients/', import.meta.url)).map((file) =>
    file.replace('.js', ''),
  )
  expect([...examples, 'height'].sort()).toEqual([...MEMBERS].sort())
})

it('an error without a place is told without one, and nothing is longer than it may be', () => {
  expect(toProblem({ message: 'thrown: 5', stack: '' }, BUILD)).toEqual({ message: 'thrown: 5' })
  const long = toProblem({ message: 'm'.repeat(9_999), stack: 's'.repeat(99_999) }, BUILD)
  expect([long.message.length, long.stack?.length]).toEqual([2_000, 4_000])
})

it('equal errors are counted, and different ones without end are not remembered', () => {
  const count = new ProblemCount()
  expect([1, 2, 3].map(() => count.add({ message: 'a', file: 'client.js', line: 1 }))).toEqual([1, 2, 3])
  expect(count.add({ message: 'a', file: 'client.js', line: 2 })).toBe(1)
  const counts = Array.from({ length: 500 }, (_, i) => count.add({ message: `${i}` }))
  expect(counts.filter((n) => n === 1)).toHaveLength(198)
  expect(count.add({ message: 'a', file: 'client.js', line: 1 })).toBe(4)
})
