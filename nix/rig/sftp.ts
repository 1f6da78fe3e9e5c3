// Creators' files over SFTP: the whole way of an upload, and the ways to misuse it (F01 to F19) with the programs that creators have. Each
// denial has its twin that is allowed.
import { until as untilWithin } from '@sandlot/sandbox/supervisor/testing/until.ts'
import { Client, fingerprint, type Said, type Session, said } from './client.ts'
import { patient } from './patience.ts'
import { api, enter, expect, type Pair, type Rule, signUp } from './rules/pair.ts'
import { fetchFrom } from './visit.ts'

const SESSIONS = 16 // of one creator: LimitNPROC of the unit, two processes each
const WAIT_MS = 30_000
const STEP_MS = 100
const CUT_MS = 10_000 // within this an open session of a creator who was shut out has ended
export const JAILS = '/run/sandlot-creators'
const server = (mark: string) => `export const setup = () => ({ mark: '${mark}' })
export const join = () => {}
export const leave = () => {}
`

/** Waits until `look` gives something true, and resolves with it. */
export const until = <T>(what: string, look: () => T | Promise<T>) =>
  untilWithin(what, look, patient(WAIT_MS), patient(STEP_MS))

export interface Creator {
  cookie: string
  game: string
  /** Name of the key, of this computer. */
  key: string
  /** Name of the account on the sandbox. */
  login: string
}
export let client: Client // made by the first rule
export let cleo: Creator
export let dan: Creator

async function creator(pair: Pair, name: string): Promise<Creator> {
  const cookie = await signUp(pair.site, name)
  const site = api(pair.site, cookie)
  const key = name.toLowerCase()
  const { game } = await site.games.create.mutate({ title: `Of ${name}`, template: 'hello' })
  const before = await site.studio.status.query({ game })
  expect(before.sftp.command === null && before.sftp.why?.includes('Register an SSH key') === true, 'before a key')
  await site.studio.setKeys.mutate({ keys: [await client.key(key)] })
  const { sftp } = await site.studio.status.query({ game })
  const found = /^sftp -P 2022 (creator-[0-9a-f]{16})@play\.example:\/(\S+)$/.exec(sftp.command ?? '')
  expect(found !== null && found[2] === game, `the line that is shown: ${JSON.stringify(sftp)}`)
  expect(sftp.why?.includes(await fingerprint(client.path('host_key'))) === true, `no host key in: ${sftp.why}`)
  return { cookie, game, key, login: found[1]! }
}

const batch = (who: Creator, lines: string): Promise<Said> => client.sftp(who.login, who.key, lines)
const ssh = (who: Creator, options: string[], ...rest: string[]) => client.ssh(who.login, who.key, options, ...rest)

/** These lines work, in the game's folder. Resolves with what sftp says. */
export async function works(who: Creator, lines: string): Promise<string> {
  const { code, output } = await batch(who, `cd /${who.game}\n${lines}\n`)
  expect(code === 0, `this should work: ${lines}\n${output}`)
  return output
}

/** Each of these lines fails, by itself, for this reason. */
export async function fails(who: Creator, why: RegExp, ...lines: string[]): Promise<void> {
  for (const line of lines) {
    const { code, output } = await batch(who, `cd /${who.game}\n${line}\n`)
    expect(code !== 0 && why.test(output), `this should fail with ${why}: ${line}\n${output}`)
  }
}

/** Waits until the game's files are a build, or are none for a reason; resolves with what the studio shows. */
export async function studio(pair: Pair, who: Creator, done: (status: Status) => boolean): Promise<Status> {
  const ask = () => api(pair.site, who.cookie).studio.status.query({ game: who.game })
  let last: Status | undefined
  try {
    return await until('the studio to show it', async () => {
      last = await ask()
      return done(last) && last
    })
  } catch (error) {
    const { build, log } = last ?? { build: null, log: [] }
    throw new Error(`${(error as Error).message}; it shows the build ${build} and ${JSON.stringify(log.slice(-5))}`)
  }
}
type Status = Awaited<ReturnType<ReturnType<typeof api>['studio']['status']['query']>>

const ACCESS: Rule[] = [
  [
    "a creator's upload with sftp becomes a running game; no other key and no password opens the folder",
    async (pair) => {
      client = await Client.open(pair.sftp, await pair.sandbox.ok('cat /var/lib/sandlot-keys/sftp-host-key.pub'))
      cleo = await creator(pair, 'Cleo')
      dan = await creator(pair, 'Dan')
      const { build } = await studio(pair, cleo, ({ build }) => build !== null)
      await client.write('server.js', server('uploaded'), 0o600)
      await works(cleo, 'put /mnt/server.js')
      await studio(pair, cleo, (status) => status.build !== build)
      const { url, socket, player } = await enter(pair, cleo.cookie, cleo.game)
      expect((await fetchFrom(pair.play)(url)).status === 200, 'the page')
      socket.terminate()
      expect(JSON.stringify(player.state).includes('uploaded'), `its room: ${JSON.stringify(player.state)}`)
      for (const [login, key] of [
        [cleo.login, dan.key],
        ['root', cleo.key],
      ] as const) {
        const { code, output } = await client.sftp(login, key, 'ls\n')
        expect(code !== 0 && output.includes('Permission denied (publickey)'), `${login} with ${key}: ${output}`)
      }
    },
  ],
  [
    'what the editor saves and what sftp uploads replace each other, whoever made the file and whatever its mode',
    async (pair) => {
      const files = api(pair.site, cleo.cookie).studio
      const { files: list } = await files.files.query({ game: cleo.game })
      const { hash } = list.find(({ path }) => path === 'server.js')!
      const path = 'server.js'
      const content = server('edited')
      const saved = await files.write.mutate({ game: cleo.game, path, content, encoding: 'utf8', replaces: hash })
      expect(saved.ok, JSON.stringify(saved))
      await works(cleo, 'get server.js /mnt/back.js')
      expect((await client.read('back.js')) === content, 'what sftp reads')
      await client.write('server.js', server('again'), 0o600)
      await works(cleo, 'put /mnt/server.js\nmkdir assets2\nput /mnt/server.js assets2/deep.js')
      const read = await files.read.query({ game: cleo.game, path: 'assets2/deep.js' })
      expect('file' in read && read.file.content === server('again'), JSON.stringify(read))
      const removed = await files.removeFile.mutate({
        game: cleo.game,
        path: 'assets2/deep.js',
        replaces: read.file.hash,
      })
      expect(removed.ok, JSON.stringify(removed))
    },
  ],
]

const ENDS: Rule[] = [
  [
    'why a host ended itself is read in the studio',
    async (pair) => {
      const before = await studio(pair, dan, ({ build }) => build !== null)
      const hang = 'export const actions = { hang() { Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1) } }\n'
      await client.write('server.js', server('hangs') + hang)
      await works(dan, 'put /mnt/server.js')
      await studio(pair, dan, ({ build }) => build !== before.build)
      const { socket, player } = await enter(pair, dan.cookie, dan.game)
      player.act('hang')
      const why = /was ended: (a room did not come back|it fell silent)/ // by itself, or on a busy machine by the supervisor a moment later
      await studio(pair, dan, ({ log }) => log.some(({ text }) => why.test(text)))
      socket.terminate()
    },
  ],
]

const WALLS: Rule[] = [
  [
    '[F01, F19] a session sees its own games alone, and cannot change the folder that locks it in',
    async ({ sandbox }) => {
      await client.write('note.json', '{}')
      const seen = await works(cleo, 'cd ../../../..\npwd\nls -1a /')
      expect(/Remote working directory: \/\s/.test(seen), seen)
      const names = [...seen.matchAll(/^\/(?!\.)(\S+)$/gm)].map(([, name]) => name)
      expect(names.join() === cleo.game, `the names in /: ${names.join()}`)
      await fails(
        cleo,
        /not found|No such file|denied/i,
        'get /etc/passwd /mnt/x',
        'get ../../../../etc/passwd /mnt/x',
        'get //proc/self/root/etc/passwd /mnt/x',
        `get ${JAILS}/${dan.login}/${dan.game}/server.js /mnt/x`,
        `get /${dan.game}/server.js /mnt/x`,
        `ls /../${dan.login}`,
      )
      await fails(cleo, /denied|Failure/i, 'put /mnt/note.json /note.json', 'mkdir /new', `rmdir /${cleo.game}`)
      await fails(cleo, /denied|Failure/i, `rename /${cleo.game} /other`)
      await works(
        cleo,
        'put /mnt/note.json\nmkdir inner\nrename note.json inner/note.json\nrm inner/note.json\nrmdir inner',
      )
      await sandbox.ok(`test "$(stat -c '%u %a' ${JAILS}/${cleo.login})" = '0 755'`)
    },
  ],
  [
    '[F02, F03, F08, F09, F18] no link, no copy on the server, no mode, owner or time, and no word about the disk; a rename works',
    async ({ sandbox }) => {
      await client.write('plain.json', '{}', 0o777)
      await works(cleo, 'put /mnt/plain.json')
      await fails(
        cleo,
        /denied|not support|Failure|Couldn't/i,
        'ln -s /etc/shadow link.js',
        'ln -s ../.. up',
        'ln plain.json hard.js',
        'copy plain.json copied.json',
        'chmod 4755 plain.json',
        'chmod 0777 plain.json',
        'chown 0 plain.json',
        'chgrp 0 plain.json',
        'df -h',
      )
      const list = await sandbox.ok(`ls -A1 /var/lib/sandlot/games/${cleo.game}`)
      expect(!/link|hard|copied|up$/m.test(list), list)
      const found = await sandbox.ok(`stat -c '%U %a %h' /var/lib/sandlot/games/${cleo.game}/plain.json`)
      expect(found.trim() === 'sandlot-supervisor 700 1', found)
      await works(cleo, 'rename plain.json renamed.json\nrm renamed.json')
      const options = await sandbox.ok(`grep '${JAILS}/${cleo.login}/' /proc/self/mountinfo`)
      for (const option of ['nosuid', 'nodev', 'noexec', 'idmapped']) expect(options.includes(option), options)
    },
  ],
  [
    '[F10, F11] nothing but sftp: no command, no terminal, no other subsystem, no forwarding of anything',
    async () => {
      const ran = await ssh(cleo, [], 'id; uname -a')
      expect(!/uid=|Linux/.test(ran.output), ran.output)
      const copied = await client.run(...client.scp(cleo.login, cleo.key, '-O'))
      expect(copied.code !== 0, `scp of old: ${copied.output}`)
      const other = await ssh(cleo, ['-s'], 'netconf')
      expect(/subsystem request failed/.test(other.output), `subsystem: ${other.output}`)
      const terminal = await ssh(cleo, ['-tt'])
      expect(/PTY allocation request failed/.test(terminal.output), `terminal: ${terminal.output}`)
      for (const target of ['127.0.0.1:2022', '10.77.0.1:4100']) {
        const through = await ssh(cleo, ['-W', target])
        expect(/stdio forwarding failed/.test(through.output), `-W ${target}: ${through.output}`)
      }
      for (const back of ['0:127.0.0.1:1', '/tmp/socket:127.0.0.1:1', '0']) {
        const { output } = await ssh(cleo, ['-N', '-o', 'ExitOnForwardFailure=yes', '-R', back])
        expect(/forwarding failed/.test(output), `-R ${back}: ${output}`)
      }
      const modern = await client.run(...client.scp(cleo.login, cleo.key))
      expect(modern.code !== 0 && /denied/.test(modern.output), `scp to /: ${modern.output}`)
      const good = await client.run(...client.scp(cleo.login, cleo.key, '-s', `/${cleo.game}/by-scp.json`))
      expect(good.code === 0, `scp over sftp: ${good.output}`)
      await works(cleo, 'rm by-scp.json')
    },
  ],
  [
    '[F14, F17] odd names and a broken manifest are stored, told in words that steer no terminal, and gone when they are gone',
    async (pair) => {
      await works(cleo, "put /mnt/note.json '🚀 a.json'\nput /mnt/note.json ./-rf\nrm '🚀 a.json'\nrm ./-rf")
      await client.write('odd\u001b[2J\u202e.js', 'export {}\n')
      await works(cleo, 'lcd /mnt\nput odd*')
      const odd = await studio(pair, cleo, ({ problem }) => problem !== null)
      expect(!/[^\P{C}\n]/u.test(odd.problem!.message), JSON.stringify(odd.problem))
      await works(cleo, 'rm odd*')
      await studio(pair, cleo, ({ problem }) => problem === null)
      await works(cleo, 'get game.json /mnt/good.json')
      for (const text of [
        '\ufeff{"title"',
        '{"__proto__":{"title":1}, "players": 7}',
        `{"title":"${'x'.repeat(100_000)}"}`,
      ]) {
        await client.write('game.json', text)
        await works(cleo, 'put /mnt/game.json')
        const { problem, build } = await studio(pair, cleo, ({ problem }) => problem !== null)
        expect(problem!.file === 'game.json' && build !== null, JSON.stringify(problem))
        await works(cleo, 'put /mnt/good.json game.json')
        await studio(pair, cleo, ({ problem }) => problem === null)
      }
    },
  ],
]

const REVOCATION: Rule[] = [
  [
    '[F16] a creator whose key is taken away is cut within 10 s and stays out; another creator notices nothing; a key given back works',
    async (pair) => {
      const site = api(pair.site, cleo.cookie).studio
      const { keys } = await site.keys.query()
      const [open, other] = [client.open(cleo.login, cleo.key), client.open(dan.login, dan.key)]
      const heard = { open: '', other: '' }
      open.stdout.on('data', (chunk) => {
        heard.open += chunk
      })
      other.stdout.on('data', (chunk) => {
        heard.other += chunk
      })
      const cut = said(open)
      open.stdin.write(`ls -1 /${cleo.game}\n`)
      other.stdin.write(`ls -1 /${dan.game}\n`)
      await until('both sessions', () => heard.open.includes('server.js') && heard.other.includes('server.js'))
      const startMs = performance.now()
      await site.setKeys.mutate({ keys: [] })
      await until('the session to end', async () => {
        const { code } = await pair.sandbox.run(`pgrep -f '[c]${cleo.login.slice(1)}'`)
        return code !== 0
      })
      expect(performance.now() - startMs < patient(CUT_MS), `cut after ${Math.round(performance.now() - startMs)} ms`)
      open.stdin.end('ls\n')
      expect((await cut).code !== 0, 'the session ended well')
      const { output } = await batch(cleo, 'ls\n')
      expect(output.includes('Permission denied (publickey)'), output)
      heard.other = ''
      other.stdin.write(`ls -1 /${dan.game}\n`)
      await until('the other session', () => heard.other.includes('server.js'))
      const ended = said(other)
      other.stdin.end('bye\n')
      expect((await ended).code === 0, 'the other session')
      await pair.sandbox.ok(`test ! -e ${JAILS}/${cleo.login}`)
      await site.setKeys.mutate({ keys })
      await works(cleo, 'ls')
    },
  ],
  [
    '[F16] a removed game is out of reach of a session that was open, and its files are gone; the other games stay',
    async (pair) => {
      const { games } = api(pair.site, cleo.cookie)
      const { game } = await games.create.mutate({ title: 'Short lived', template: 'hello' })
      await works(cleo, `cd /${game}\nput /mnt/note.json`)
      const open = client.open(cleo.login, cleo.key)
      let heard = ''
      open.stdout.on('data', (chunk) => {
        heard += chunk
      })
      open.stdin.write(`cd /${game}\nls -1\n`)
      await until('the session', () => heard.includes('note.json'))
      await games.remove.mutate({ game })
      const end = said(open)
      open.stdin.end('put /mnt/note.json late.json\n')
      expect((await end).code !== 0, 'a session wrote into a removed game')
      await pair.sandbox.ok(`test ! -e /var/lib/sandlot/games/${game} && test -z "$(ls -A /var/lib/sandlot/tmp)"`)
      await works(cleo, 'ls')
    },
  ],
]

const LOAD: Rule[] = [
  [
    '[F12] connections that say nothing leave room for others: a few of one address, and a creator comes in meanwhile',
    async ({ sandbox }) => {
      const hold = `exec 3>/tmp/held; for i in 1 2 3 4 5 6 7 8 9 10; do (exec 4<>/dev/tcp/127.0.0.1/2022; head -c 8 <&4 >&3; echo >&3; sleep 5) & done; wait`
      const held = sandbox.run(`bash -c '${hold}'`)
      await sandbox.until('test "$(grep -o SSH-2.0 /tmp/held | wc -l)" -ge 4')
      await works(cleo, 'ls')
      await held
      const answered = Number(await sandbox.ok('grep -o SSH-2.0 /tmp/held | wc -l'))
      expect(answered <= 6, `${answered} of 10 silent connections of one address were taken`)
    },
  ],
  [
    '[F12] who tries wrong keys again and again is not listened to for a while; others are',
    async ({ sandbox }) => {
      const from =
        'ssh -F none -o BatchMode=yes -o IdentityAgent=none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BindAddress=127.0.0.9 -p 2022'
      await sandbox.ok('test -e /tmp/wrong || ssh-keygen -q -t ed25519 -N "" -f /tmp/wrong')
      const guess = `${from} -i /tmp/wrong ${cleo.login}@127.0.0.1`
      await sandbox.until(`${guess} 2>&1 | grep -Ei 'Not allowed at this time|reset|closed by'`)
      await works(cleo, 'ls')
    },
  ],
  [
    '[F13] one creator has so many sessions and no more; another one still comes in',
    async ({ sandbox }) => {
      const all: { session: Session; heard: string; end: Promise<Said> }[] = []
      const isOpen = ({ heard }: { heard: string }) => heard.includes('Remote working directory')
      for (let round = 0; round < 6; round++) {
        const few = Array.from({ length: 3 }, () => {
          // so few that none is a stranger too many
          const session = client.open(cleo.login, cleo.key)
          const one = { session, heard: '', end: said(session) }
          session.stdout.on('data', (chunk) => {
            one.heard += chunk
          })
          session.stdin.write('pwd\n')
          return one
        })
        all.push(...few)
        await until('three sessions to be open or refused', () =>
          few.every((one) => isOpen(one) || one.session.exitCode !== null),
        )
      }
      const open = all.filter(isOpen).length
      expect(open >= 12 && open <= SESSIONS, `${open} sessions of one creator`)
      await works(dan, 'ls')
      for (const { session } of all) session.stdin.end()
      await Promise.all(all.map(({ end }) => end))
      await sandbox.until(`! pgrep -f '[c]${cleo.login.slice(1)}'`)
      await works(cleo, 'ls')
    },
  ],
  [
    '[F06] a file past the limit is refused, and of too many files the last are gone within seconds; the game and the next session stay',
    async (pair) => {
      const file = (mebibytes: number) => client.write('large.png', Buffer.alloc(mebibytes * 2 ** 20))
      await file(6)
      await fails(cleo, /Failure|too large/i, 'put /mnt/large.png')
      await works(cleo, 'rm large.png')
      await file(5)
      await works(cleo, 'put /mnt/large.png\nrm large.png')
      const { build } = await studio(pair, cleo, ({ problem }) => problem === null)
      const many = Array.from({ length: 22 }, (_, at) => `put /mnt/large.png /${cleo.game}/large-${at}.png\n`)
      await batch(cleo, many.join(''))
      const removed = 'What came last was removed'
      await studio(pair, cleo, ({ log }) => log.some(({ text }) => text.includes(removed)))
      const sum = `du -sb /var/lib/sandlot/games/${cleo.game} | cut -f1`
      const bytes = Number(await pair.sandbox.ok(sum))
      expect(bytes > 50 * 2 ** 20 && bytes <= 101 * 2 ** 20, `${bytes} bytes stayed`)
      expect((await works(cleo, 'ls -1')).includes('server.js'), 'server.js is gone')
      const full = await studio(pair, cleo, ({ problem }) => problem !== null)
      expect(full.problem!.message.includes('larger than') && full.build === build, JSON.stringify(full.problem))
      await works(cleo, 'rm large-*.png')
      await studio(pair, cleo, ({ problem }) => problem === null)
    },
  ],
]

/** Ends what the rules have started on this machine. */
export async function putAway(): Promise<void> {
  await client?.[Symbol.asyncDispose]()
}

export const SFTP: Rule[] = [...ACCESS, ...ENDS, ...WALLS, ...REVOCATION, ...LOAD]
