// Creators' access as the supervisor keeps it: what it writes for the unit that makes accounts, and what creators are told.
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { accountsSchema, loginOf, openGames } from '../accounts/accounts.ts'
import { openAccounts } from './accounts.ts'
import { newFolder } from './testing/node.ts'
import { until } from './testing/until.ts'

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

const open = (most?: { creators: number; bytes: number }) =>
  openAccounts({
    ...(most && { most }),
    file: join(data, 'accounts.json'),
    address: { host: 'play.example', port: 2022 },
    hostKey: HOST_KEY,
    allowance: 'A folder may hold this much.',
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

describe('a node that has as many creators as it can have', () => {
  const fill = (count: number, keys: string[]) => {
    const all = Array.from({ length: count }, (_, i) => [loginOf(`full${i}`), { games: [`g${i}`], keys }])
    writeFileSync(join(data, 'accounts.json'), JSON.stringify(Object.fromEntries(all)))
  }

  it('takes no more, and goes on to add, change and revoke keys of those it has; when one leaves there is room', async () => {
    fill(9, [key('A')])
    const sftp = open({ creators: 10, bytes: 1_000_000 })
    expect(await sftp.setKeys({ owner: 'u1', games: ['pong'], keys: [key('A')] })).toBe(true)
    expect(await sftp.setKeys({ owner: 'u2', games: ['paint'], keys: [key('B')] })).toBe(false)
    expect(list()[ben]).toBe(undefined)
    expect(await sftp.setKeys({ owner: 'u1', games: ['pong'], keys: [key('B')] })).toBe(true)
    await sftp.forget('pong')
    expect(list()[ann]).toEqual({ games: [], keys: [key('B')] })
    expect(await sftp.setKeys({ owner: 'full7', games: [], keys: [] })).toBe(true)
    expect(await sftp.setKeys({ owner: 'u2', games: ['paint'], keys: [key('B')] })).toBe(true)
    expect(list()[ben]?.games).toEqual(['paint'])
  })

  it('counts bytes as well; of a change that does not fit, what is taken away is taken away', async () => {
    fill(9, [key('A'), key('B')])
    const bytes = 9 * 300
    const sftp = open({ creators: 100, bytes })
    expect(await sftp.setKeys({ owner: 'full1', games: ['g1'], keys: [key('A')] })).toBe(true)
    expect(await sftp.setKeys({ owner: 'full1', games: ['g1'], keys: [key('A'), key('B')] })).toBe(true)
    const more = 'CDEFGHIJKLMN'.split('').map(key)
    expect(await sftp.setKeys({ owner: 'full1', games: ['g1'], keys: [key('B'), ...more] })).toBe(false)
    expect(list()[loginOf('full1')]?.keys).toEqual([key('B')])
    for (let i = 0; i < 9; i++) await sftp.close(`g${i}`)
    expect(statSync(join(data, 'accounts.json')).size).toBeLessThanOrEqual(bytes)
  })

  it('starts with a list that an earlier version let grow too long, without those who came last, and makes that true', async () => {
    fill(12, [key('A')])
    const sftp = open({ creators: 10, bytes: 1_000_000 })
    await until('the list to be made true', () => applied === 1)
    expect(Object.keys(list())).toHaveLength(10)
    expect(sftp.info('g9').command).toContain(loginOf('full9'))
    expect(sftp.info('g10').command).toBe(null)
  })
})
