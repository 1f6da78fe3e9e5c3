// Whose games are whose, over a restart and on a disk that takes nothing for a while.
import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Disk } from './disk.ts'
import { Owners } from './owners.ts'
import { newFolder } from './testing/node.ts'

let data: string
let disk: Disk
beforeEach(() => {
  data = newFolder()
  disk = new Disk(pino({ level: 'silent' }))
})
afterEach(() => {
  disk[Symbol.dispose]()
  rmSync(data, { recursive: true })
})
const open = () => new Owners(data, disk)

it('whose a game is outlives a restart, as it was told last; a game that is removed is nobody’s', () => {
  const owners = open()
  owners.set('pong', 'u1')
  owners.set('paint', 'u1')
  owners.set('pong', 'u2')
  owners.set('chess', 'u3')
  owners.forget('chess')
  for (const one of [owners, open()]) expect(['pong', 'paint'].map((game) => one.of(game))).toEqual(['u2', 'u1'])
  expect(open().of('chess')).toBe(open().of('chess'))
  expect(open().of('chess')).not.toBe('u3')
  expect(existsSync(join(data, 'chess'))).toBe(false)
})

it('games whose creator is not known, or whose file was cut off, are not counted together', () => {
  writeFileSync(join(data, 'pong'), '')
  const owners = open()
  expect(owners.of('pong')).not.toBe(owners.of('paint'))
  owners.set('pong', 'u1')
  expect(open().of('pong')).toBe('u1')
})

it('a disk that does not take it stops nobody: it counts at once, and is written when that is possible', () => {
  const owners = open()
  mkdirSync(join(data, 'pong')) // in the way
  owners.set('pong', 'u1')
  expect(owners.of('pong')).toBe('u1')
  rmdirSync(join(data, 'pong'))
  disk.retry()
  expect(readFileSync(join(data, 'pong'), 'utf8')).toBe('u1')
})
