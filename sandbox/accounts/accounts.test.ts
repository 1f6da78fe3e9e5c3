// What becomes of the supervisor's wishes: records, numbers, and the plan. That accounts open, and stop opening, is tried in the rig.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Accounts, loginOf } from './accounts.ts'
import { makePlan } from './plan.ts'
import { FIRST_UID, LAST_UID, Records } from './records.ts'

const MAIN = fileURLToPath(new URL('../dist/accounts.js', import.meta.url))
const [ann, ben] = [loginOf('u1'), loginOf('u2')]
const key = (letter: string) => `ssh-ed25519 ${letter.repeat(68)}`

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandlot-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const replace = (accounts: Accounts) => new Records({ folder, gid: 823, shell: '/usr/sbin/nologin' }).replace(accounts)
const record = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'))

describe('records', () => {
  it('a creator has a number, a group, no password and keys that only root reads', () => {
    const uids = replace({ [ann]: { games: ['pong'], keys: [key('A')] } })
    expect(uids.get(ann)).toBe(FIRST_UID)
    expect(record(`${ann}.user`)).toMatchObject({ userName: ann, uid: FIRST_UID, gid: 823, homeDirectory: '/' })
    expect(record(`${FIRST_UID}.user-privileged`)).toEqual({
      privileged: { hashedPassword: ['*'], sshAuthorizedKeys: [key('A')] },
    })
    expect(statSync(join(folder, `${ann}.user`)).mode & 0o777).toBe(0o644)
    expect(statSync(join(folder, `${ann}.user-privileged`)).mode & 0o777).toBe(0o600)
  })

  it('who gains a key or a game keeps the number; who loses one gets another, and the old one is nobody', () => {
    const before = { games: ['pong'], keys: [key('A')] }
    const first = replace({ [ann]: before, [ben]: before }).get(ann)!
    const more = { games: ['pong', 'paint'], keys: [key('A'), key('B')] }
    expect(replace({ [ann]: more, [ben]: before }).get(ann)).toBe(first)
    const fewerKeys = replace({ [ann]: { ...more, keys: [key('B')] }, [ben]: before }).get(ann)!
    const fewerGames = replace({ [ann]: { games: ['paint'], keys: [key('B')] }, [ben]: before }).get(ann)!
    expect(new Set([first, FIRST_UID + 1, fewerKeys, fewerGames]).size).toBe(4)
    expect(replace({ [ben]: before }).get(ben)).toBe(FIRST_UID + 1)
    expect(readdirSync(folder).sort()).toEqual(
      [`${ben}.user`, `${ben}.user-privileged`, `${FIRST_UID + 1}.user`, `${FIRST_UID + 1}.user-privileged`].sort(),
    )
  })

  it('numbers begin anew after the last, past those that are taken', () => {
    replace({ [ann]: { games: [], keys: [key('A')] } })
    const last = JSON.stringify({ ...record(`${ann}.user`), userName: ben, uid: LAST_UID })
    writeFileSync(join(folder, `${ben}.user`), last)
    const keys = [key('B')]
    const uids = replace({
      [ann]: { games: [], keys: [key('A')] },
      [ben]: { games: [], keys },
      [loginOf('u3')]: { games: [], keys },
    })
    expect([...uids.values()]).toEqual([FIRST_UID, LAST_UID, FIRST_UID + 1])
  })

  it('what is half written or not of a creator is made anew or left alone', () => {
    writeFileSync(join(folder, `${ann}.user`), '{"userName":')
    writeFileSync(join(folder, 'operator.user'), '{}')
    expect(replace({ [ann]: { games: [], keys: [key('A')] } }).get(ann)).toBe(FIRST_UID)
    expect(record('operator.user')).toEqual({})
  })
})

describe('sandlot-accounts', () => {
  const place = (accounts: string) => ({ accounts, userdb: join(folder, 'db'), plan: join(folder, 'plan') })
  const make = (file: string) => makePlan({ ...place(file), gid: 823, shell: '/usr/sbin/nologin' })
  const list = (text: string) => {
    writeFileSync(join(folder, 'list'), text)
    make(join(folder, 'list'))
  }
  const plan = () => readFileSync(join(folder, 'plan'), 'utf8')

  it('makes a plan of the list: a line a creator; none of no list', () => {
    make(join(folder, 'none'))
    expect(plan()).toBe('')
    list(JSON.stringify({ [ann]: { games: ['pong', 'a-b'], keys: [key('A')] } }))
    expect(plan()).toBe(`${ann} ${FIRST_UID} pong a-b\n`)
  })

  it('a game that is closed is not in the plan, and its creator has another number until it is opened', () => {
    list(JSON.stringify({ [ann]: { games: ['pong', 'a-b'], keys: [key('A')] } }))
    list(JSON.stringify({ [ann]: { games: ['pong', 'a-b'], closed: ['pong'], keys: [key('A')] } }))
    expect(plan()).toBe(`${ann} ${FIRST_UID + 1} a-b\n`)
    list(JSON.stringify({ [ann]: { games: ['pong', 'a-b'], keys: [key('A')] } }))
    expect(plan()).toBe(`${ann} ${FIRST_UID + 1} pong a-b\n`)
  })

  it('refuses a list with anything else in it, and leaves the records and the plan of before', () => {
    const good = { games: ['pong'], keys: [key('A')] }
    list(JSON.stringify({ [ann]: good }))
    for (const bad of [
      { root: good },
      { [ann]: { ...good, uid: 0 } },
      { [ann]: { ...good, games: ['../etc'] } },
      { [ann]: { ...good, games: ['pong\ncreator'] } },
      { [ann]: { ...good, keys: [`command="sh" ${key('A')}`] } },
    ])
      expect(() => list(JSON.stringify(bad)), JSON.stringify(bad)).toThrow('malformed')
    symlinkSync(join(folder, 'plan'), join(folder, 'link'))
    expect(() => make(join(folder, 'link'))).toThrow('ELOOP')
    expect(() => list('{')).toThrow()
    expect(plan()).toBe(`${ann} ${FIRST_UID} pong\n`)
    expect(readdirSync(join(folder, 'db')).length).toBe(4)
  })

  it('started without its settings it names the first that is missing', () => {
    const { status, stderr } = spawnSync(process.execPath, [MAIN], { env: {}, encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 1, stderr: 'sandlot-accounts: ACCOUNTS is missing.\n' })
  })
})
