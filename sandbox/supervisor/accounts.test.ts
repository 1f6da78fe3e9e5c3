// Creators' access as the supervisor keeps it: what it writes for the unit that makes accounts, and what creators are told.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { accountsSchema, loginOf, openGames } from '../accounts/accounts.ts'
import { openAccounts } from './accounts.ts'
import { newFolder } from './testing/node.ts'

const HOST_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl sandlot'
const key = (letter: string) => `ssh-ed25519 ${letter.repeat(68)}`
const [ann, ben] = [loginOf('u1'), loginOf('u2')]

let data: string
let applied: number
let broken: boolean
beforeEach(() => {
  data = newFolder()
  applied = 0
  broken = false
})
afterEach(() => rmSync(data, { recursive: true }))

const open = () =>
  openAccounts({
    file: join(data, 'accounts.json'),
    address: { host: 'play.example', port: 2022 },
    hostKey: HOST_KEY,
    apply: async () => {
      applied++
      if (broken) throw new Error('no')
    },
  })
const list = () => accountsSchema.parse(JSON.parse(readFileSync(join(data, 'accounts.json'), 'utf8')))

it('keys are written with the games that they open, and made true once; the line that is shown names account, place and host key', async () => {
  const sftp = open()
  expect(sftp.info('pong')).toMatchObject({ command: null, why: expect.stringContaining('Register an SSH key') })
  const access = { owner: 'u1', games: ['pong', 'paint'], keys: [key('A')] }
  await sftp.setKeys(access)
  await sftp.setKeys(access)
  expect(applied).toBe(1)
  expect(list()).toEqual({ [ann]: { games: ['paint', 'pong'], keys: [key('A')] } })
  expect(sftp.info('pong').command).toBe(`sftp -P 2022 ${ann}@play.example:/pong`)
  expect(sftp.info('pong').why).toContain('SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU')
  expect(open().info('paint').command).toContain(ann) // after a restart
})

it('a game that is removed is in no list, one that another owns is in that list alone, and no key means no account', async () => {
  const sftp = open()
  await sftp.setKeys({ owner: 'u1', games: ['pong', 'paint'], keys: [key('A')] })
  await sftp.setKeys({ owner: 'u2', games: ['paint'], keys: [key('B')] })
  expect(list()).toEqual({
    [ann]: { games: ['pong'], keys: [key('A')] },
    [ben]: { games: ['paint'], keys: [key('B')] },
  })
  await sftp.forget('pong')
  expect(list()[ann]).toEqual({ games: [], keys: [key('A')] })
  await sftp.setKeys({ owner: 'u1', games: [], keys: [] })
  expect(Object.keys(list())).toEqual([ben])
})

it('a game that is closed stays in the list as closed, over a restart too, until it is opened', async () => {
  const sftp = open()
  await sftp.setKeys({ owner: 'u1', games: ['pong', 'paint'], keys: [key('A')] })
  await sftp.close('pong')
  expect(openGames(list()[ann]!)).toEqual(['paint'])
  const again = open()
  expect(again.reach()).toEqual([
    { game: 'paint', isClosed: false },
    { game: 'pong', isClosed: true },
  ])
  await again.open('pong')
  expect(openGames(list()[ann]!)).toEqual(['paint', 'pong'])
})

it('what could not be made true is an error, stays wanted, and is tried again with the same wish', async () => {
  const sftp = open()
  broken = true
  const access = { owner: 'u1', games: ['pong'], keys: [key('A')] }
  await expect(sftp.setKeys(access)).rejects.toThrow('no')
  broken = false
  await sftp.setKeys(access)
  expect(applied).toBe(2)
  expect(list()[ann]?.games).toEqual(['pong'])
})

it('a list that is none stops the supervisor with what to do', () => {
  writeFileSync(join(data, 'accounts.json'), '{"root":{}}')
  expect(open).toThrow(/not a list of accounts. Remove it/)
})
