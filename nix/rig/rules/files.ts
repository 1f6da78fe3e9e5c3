// What a creator may try with files beyond what sftp offers: packets that no client sends, races, and code in the place of an SFTP session.
import { setTimeout as delay } from 'node:timers/promises'
import { CREATE, FRESH, Packets, READ } from '../packets.ts'
import { type Creator, cleo, client, dan, fails, JAILS, studio, until, works } from '../sftp.ts'
import { api, denied, enter, expect, type Pair, type Rule } from './pair.ts'

const GAMES = '/var/lib/sandlot/games'
const SWAPS = 20_000
const UPLOADS = 30
const PACE_MS = 120 // between two calls: an account may make ten a second that reach the sandbox
const MAX_BYTES = 5 * 2 ** 20 // of one file
const TYPES = {
  pipe: 0o010000,
  'character device': 0o020000,
  'block device': 0o060000,
  socket: 0o140000,
  link: 0o120000,
}

/** Every player of a room sees the mark of the code that it runs, however long it has been open. */
const server = (mark: string) => `export const setup = () => ({})
export const join = () => {}
export const leave = () => {}
export const view = () => ({ mark: '${mark}' })
`

const packets = (who: Creator): Promise<Packets> => Packets.open(client.subsystem(who.login, who.key))

/** What a player sees, as JSON. */
async function played(pair: Pair, who: Creator): Promise<string> {
  const { socket, player } = await enter(pair, who.cookie, who.game)
  socket.terminate()
  return JSON.stringify(player.state)
}

/** Waits until the files are a build, whose rooms have this mark. */
const shows = (pair: Pair, who: Creator, mark: string) =>
  until(`the mark ${mark}`, async () => {
    await studio(pair, who, ({ problem, build }) => problem === null && build !== null)
    return (await played(pair, who)).includes(mark)
  })

/** The words that run a program on the sandbox as the number that the creator has there: what a flaw of the SFTP server would give. */
async function asCreator({ sandbox }: Pair, who: Creator): Promise<string> {
  const uid = (await sandbox.ok(`stat -c %u ${JAILS}/${who.login}/${who.game}`)).trim()
  return `setpriv --reuid=${uid} --regid=823 --clear-groups --`
}

/** Turns a file and a folder into links and back until it has done so many turns and $stop is there. */
const SWAPPER = `
use strict; use warnings; my ($folder, $other, $stop, $most) = @ARGV; chdir $folder or die $!; my $n = 0;
until ($n >= $most && -e $stop) {
  $n++ if symlink("$other/server.js", '.next') && rename('.next', 'server.js');
  $n++ if rename('assets', '.held') && symlink($other, 'assets');
  $n++ if link('.honest', '.next') && rename('.next', 'server.js');
  unlink 'assets'; $n++ if rename('.held', 'assets');
}
print "$n\\n";
`

const RACE: Rule = [
  '[F04] who swaps files for links while everything of ours reads and writes gets nothing of another creator and changes nothing there',
  async (pair) => {
    const { sandbox, programs } = pair
    const secret = 'secret-of-dan'
    await client.write('server.js', server(secret))
    await works(dan, 'put /mnt/server.js')
    await shows(pair, dan, secret)
    await client.write('server.js', server('honest'))
    await client.write('note.json', '"honest"')
    await works(
      cleo,
      'put /mnt/server.js\nput /mnt/server.js .honest\nmkdir assets\nput /mnt/note.json assets/note.json',
    )
    await shows(pair, cleo, 'honest')
    await fails(cleo, /denied/i, `ln -s ${GAMES}/${dan.game}/server.js link.js`) // so it takes more than sftp
    const sums = `cd ${GAMES}/${dan.game} && find . -type f -exec sha256sum {} + | sort`
    const [before, supervisor] = [await sandbox.ok(sums), 'systemctl show --value -p MainPID sandlot-supervisor']
    const pid = await sandbox.ok(supervisor)

    const place = `${JAILS}/${cleo.login}/${cleo.game}`
    const script = Buffer.from(SWAPPER).toString('base64')
    await sandbox.ok(`rm -f /run/stop /run/swaps; echo ${script} | base64 -d > /run/swap.pl; chmod 644 /run/swap.pl`)
    const program = `${await asCreator(pair, cleo)} ${programs.perl} /run/swap.pl ${place} ${GAMES}/${dan.game} /run/stop ${SWAPS}`
    await sandbox.ok(`setsid sh -c '${program} > /run/swapping 2>&1; mv /run/swapping /run/swaps' > /dev/null 2>&1 &`)
    const seen = { good: 0, refused: 0 }
    const site = api(pair.site, cleo.cookie).studio
    const note = (answer: { ok: boolean }) => {
      seen[answer.ok ? 'good' : 'refused']++
      expect(!JSON.stringify(answer).includes(secret), `it gave out: ${JSON.stringify(answer)}`)
    }
    try {
      await until('answers of both kinds', async () => {
        await delay(3 * PACE_MS)
        note(await site.read.query({ game: cleo.game, path: 'server.js' }))
        note(await site.read.query({ game: cleo.game, path: 'assets/note.json' }))
        const file = { game: cleo.game, path: 'assets/new.json' }
        const wrote = await site.write.mutate({ ...file, content: '1', encoding: 'utf8', replaces: null })
        note(wrote)
        if (wrote.ok) note(await site.removeFile.mutate({ ...file, replaces: wrote.hash }))
        const { problem } = await site.status.query({ game: cleo.game })
        expect(!JSON.stringify(problem).includes(secret), JSON.stringify(problem))
        return seen.good >= 40 && seen.refused >= 10
      })
    } finally {
      await sandbox.ok('touch /run/stop')
    }
    const swaps = Number(await sandbox.until('cat /run/swaps'))
    await sandbox.ok('rm /run/stop /run/swaps /run/swap.pl')
    expect(swaps >= SWAPS, `only ${swaps} swaps`)
    expect((await sandbox.ok(sums)) === before, 'files of another creator are not what they were')
    const builds = `grep -rlF ${secret} /var/lib/sandlot/builds`
    await denied(sandbox, `${builds}/${cleo.game}`)
    await sandbox.ok(`${builds}/${dan.game}`)
    expect((await sandbox.ok(supervisor)) === pid, 'the supervisor is another one')
    await sandbox.ok(`cd ${GAMES}/${cleo.game} && rm -rf assets .held .next .honest server.js`) // whatever is left of the race
    await client.write('server.js', server('still-honest'))
    await works(cleo, 'put /mnt/server.js')
    await shows(pair, cleo, 'still-honest')
  },
]

const SPECIAL: Rule = [
  '[F05] an upload becomes a file or a folder whatever it says it is, ends where files end, and holes count; a pipe made by other means holds nobody up',
  async (pair) => {
    const { sandbox } = pair
    const root = `/${cleo.game}`
    const disk = `${GAMES}/${cleo.game}`
    const raw = await packets(cleo)
    const odd = `${root}/odd`
    for (const [name, bits] of Object.entries(TYPES)) {
      await raw.close(await raw.file(odd, CREATE, bits | 0o777))
      const made = (await sandbox.ok(`stat -c '%F %a' ${disk}/odd`)).trim()
      expect(made === 'regular empty file 700', `a ${name}: ${made}`)
      await raw.remove(odd)
    }
    for (const bit of [0o4000, 0o2000]) {
      const why = await raw.file(odd, CREATE, bit | 0o777).catch((error: Error) => error.message)
      expect(/status 3/.test(String(why)), `a file with the mode ${bit}: ${why}`)
      expect((await raw.mkdir(odd, bit | 0o777)).status === 3, `a folder with the mode ${bit}`)
    }
    expect((await raw.mkdir(odd, 0o100777)).status === 0, 'a folder')
    const folder = (await sandbox.ok(`stat -c '%F %a' ${disk}/odd`)).trim()
    expect(folder === 'directory 700', folder)
    await raw.rmdir(odd)

    const sparse = await raw.file(`${root}/sparse.png`, FRESH)
    for (const at of [2 ** 40, MAX_BYTES]) {
      const { status } = await raw.write(sparse, at, 'x')
      expect(status === 4, `a byte at ${at}: status ${status}`)
    }
    const { status } = await raw.write(sparse, MAX_BYTES - 1, 'x')
    expect(status === 0, `the last byte that a file may have: status ${status}`)
    await raw.close(sparse)
    const size = await sandbox.ok(`stat -c %s ${disk}/sparse.png`)
    expect(Number(size) === MAX_BYTES, `it has ${size} bytes`)

    const as = await asCreator(pair, cleo)
    const place = `${JAILS}/${cleo.login}/${cleo.game}`
    await denied(sandbox, `${as} mknod ${place}/disk.js b 7 0`)
    await denied(sandbox, `${as} mknod ${place}/null.js c 1 3`)
    await raw.remove(`${root}/sparse.png`)
    const { build } = await studio(pair, cleo, ({ problem }) => problem === null)
    await sandbox.ok(`${as} mkfifo ${place}/pipe.js`)
    const { problem } = await studio(pair, cleo, ({ problem }) => problem !== null)
    expect(/pipe\.js is not a regular file/.test(problem!.message), JSON.stringify(problem))
    const site = api(pair.site, cleo.cookie).studio
    const { files } = await site.files.query({ game: cleo.game })
    expect(files.some(({ path }) => path === 'server.js') && !files.some(({ path }) => path === 'pipe.js'), 'its files')
    const read = await site.read.query({ game: cleo.game, path: 'pipe.js' })
    expect(!read.ok && read.reason === 'not-a-file', JSON.stringify(read))
    expect((await raw.remove(`${root}/pipe.js`)).status === 0, 'its creator cannot remove it')
    expect((await studio(pair, cleo, ({ problem }) => problem === null)).build === build, 'another build')
    await raw.end()
  },
]

const MANY: Rule = [
  '[F05, F07] names as long as Linux has them, and so many files, so deep, so large with all their holes and no more; others come in meanwhile',
  async (pair) => {
    const { sandbox } = pair
    const root = `/${cleo.game}`
    const disk = `${GAMES}/${cleo.game}`
    const { build, log } = await studio(pair, cleo, ({ problem }) => problem === null)
    const since = log.at(-1)?.at ?? 0
    const told = () =>
      studio(pair, cleo, ({ log }) =>
        log.some(({ at, text }) => at > since && text.includes('What came last was removed')),
      )
    let raw = await packets(cleo)
    const long = (letters: number) => raw.mkdir(`${root}/.${'n'.repeat(letters - 1)}`)
    expect((await long(256)).status === 5 && (await long(255)).status === 0, 'names of 255 bytes and no longer')
    await raw.rmdir(`${root}/.${'n'.repeat(254)}`)

    // Deeper and more than anybody may have, as fast as it goes; the server ends the session over it.
    await raw.mkdir(`${root}/many`)
    const deep = Array.from({ length: 20 }, (_, at) => `${root}/many${'/d'.repeat(at + 1)}`)
    const [holes, bytes] = [22, 4]
    const upload = async () => {
      for (const path of deep) await raw.mkdir(path)
      for (let at = 0; at < holes; at++) {
        const file = await raw.file(`${root}/many/hole-${at}.png`, FRESH)
        await raw.write(file, MAX_BYTES - bytes, 'last')
        await raw.close(file)
      }
      for (let at = 0; at < 5_200; at += 100)
        await Promise.all(
          Array.from({ length: 100 }, async (_, more) =>
            raw.close(await raw.file(`${root}/many/${at + more}.json`, CREATE)),
          ),
        )
    }
    await upload().catch(() => {}) // cut off on the way, or all is there and goes afterwards
    await works(dan, 'ls')
    await told()
    await raw.end()
    const figures = `cd ${disk} && find . -mindepth 1 | wc -l; find . -mindepth 17 | wc -l; du -sb --apparent-size . | cut -f1`
    const [entries, tooDeep, size] = (await sandbox.ok(figures)).trim().split('\n').map(Number)
    expect(
      entries! <= 5_000 && tooDeep === 0 && size! <= 101 * 2 ** 20,
      `${entries} entries, ${tooDeep} too deep, ${size} bytes`,
    )
    const full = await studio(pair, cleo, ({ problem }) => problem !== null)
    expect(full.build === build, JSON.stringify(full.problem))
    await sandbox.ok(`test -f ${disk}/server.js && rm -r ${disk}/many`)
    await studio(pair, cleo, ({ problem }) => problem === null)
    raw = await packets(cleo)
    await raw.put(`${root}/after.json`, '1')
    expect((await raw.remove(`${root}/after.json`)).status === 0, 'the next session')
    await raw.end()
  },
]

const PUBLISH: Rule = [
  '[F15] half an upload, a file replaced while it is read, and two sessions on one file while folders come and go: players have whole files only',
  async (pair) => {
    const root = `/${cleo.game}`
    const [ada, eve] = [await packets(cleo), await packets(cleo)]

    // Half of it is not a program: the game goes on as it was until the rest is there.
    await ada.put(`${root}/server.js`, server('before'))
    await shows(pair, cleo, 'before')
    const { build } = await studio(pair, cleo, ({ problem }) => problem === null)
    const [text, half] = [server('halves'), 20]
    const upload = await ada.file(`${root}/server.js`, FRESH)
    await ada.write(upload, 0, text.slice(0, half))
    const partial = await studio(pair, cleo, ({ problem }) => problem?.file === 'server.js') // of nothing at all it has another
    expect(partial.build === build, JSON.stringify(partial))
    expect((await played(pair, cleo)).includes('before'), 'players have half a file')
    await ada.write(upload, half, text.slice(half))
    await ada.close(upload)
    await shows(pair, cleo, 'halves')

    // Who reads a file that is replaced has all of the old one.
    const chunk = 16_384
    await ada.put(`${root}/long.json`, 'a'.repeat(2 * chunk))
    const reading = await ada.file(`${root}/long.json`, READ)
    const first = await ada.read(reading, 0, chunk)
    await eve.put(`${root}/.long`, 'b'.repeat(2 * chunk))
    expect((await eve.replace(`${root}/.long`, `${root}/long.json`)).status === 0, 'a file cannot be replaced')
    const second = await ada.read(reading, chunk, chunk)
    expect(`${first.body}${second.body}` === 'a'.repeat(2 * chunk), 'a mix of two files was read')
    const again = await ada.file(`${root}/long.json`, READ)
    expect(`${(await ada.read(again, 0, chunk)).body}` === 'b'.repeat(chunk), 'the new file')
    for (const handle of [reading, again]) await ada.close(handle)
    await ada.remove(`${root}/long.json`)

    // Each replaces the file over and over; a folder with a file in it comes and goes.
    const marks = new Set<string>()
    const uploads = async (who: Packets, name: string) => {
      for (let at = 0; at < UPLOADS; at++) {
        const mark = `${name}-${String(at).padStart(3, '0')}`
        marks.add(server(mark))
        await who.put(`${root}/.${name}`, server(mark))
        await who.replace(`${root}/.${name}`, `${root}/server.js`)
        await who.mkdir(`${root}/${name}`)
        await who.put(`${root}/${name}/part.json`, mark)
        await who.remove(`${root}/${name}/part.json`)
        await who.rmdir(`${root}/${name}`)
      }
    }
    const site = api(pair.site, cleo.cookie).studio
    let isOver = false
    const watch = async () => {
      let whole = 0
      while (!isOver) {
        await delay(PACE_MS)
        const read = await site.read.query({ game: cleo.game, path: 'server.js' })
        if (!read.ok) {
          expect(read.reason === 'changed-meanwhile', JSON.stringify(read))
          continue
        }
        expect(read.file.content === text || marks.has(read.file.content), `not whole: ${read.file.content}`)
        whole++
      }
      return whole
    }
    const both = Promise.all([uploads(ada, 'ada'), uploads(eve, 'eve')]).finally(() => {
      isOver = true
    })
    const [whole] = await Promise.all([watch(), both])
    expect(whole > 0, 'nothing was read meanwhile')
    await ada.put(`${root}/server.js`, server('last'))
    await shows(pair, cleo, 'last')
    const all = await pair.sandbox.ok(
      `cat /var/lib/sandlot/builds/${cleo.game}/*/files/server.js | grep -o "mark: '[^']*'"`,
    )
    const odd = all.split('\n').filter((line) => /(ada|eve)-/.test(line) && !/'(ada|eve)-\d{3}'/.test(line))
    expect(odd.length === 0, `builds of what nobody uploaded: ${odd}`)
    await Promise.all([ada.end(), eve.end()])
  },
]

export const FILES: Rule[] = [RACE, SPECIAL, MANY, PUBLISH]
