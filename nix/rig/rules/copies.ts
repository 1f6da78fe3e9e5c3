// What the sandbox keeps of games: files that come back, of one game and of all, and who may see the copies.
import { api, as, denied, eventually, expect, made, type Pair, playable, type Rule } from './pair.ts'

const COPIES_OF = '/var/lib/sandlot-backup'
const GAMES = '/var/lib/sandlot/games'

/** Makes a copy, as a night does; its name. */
async function night({ sandbox }: Pair): Promise<string> {
  await sandbox.ok('systemctl start sandlot-backup.service')
  return (await sandbox.ok(`ls -1 ${COPIES_OF} | grep ^2 | tail -n 1`)).trim()
}

/** What the studio says of a file of the game; '' when there is none. */
async function content({ site }: Pair, path: string, game = made.game): Promise<string> {
  const answer = await api(site).studio.read.query({ game, path })
  return answer.ok ? answer.file.content : ''
}

async function save({ site }: Pair, path: string, content: string, game = made.game): Promise<void> {
  const before = await api(site).studio.read.query({ game, path })
  const replaces = before.ok ? before.file.hash : null
  const answer = await api(site).studio.write.mutate({ game, path, content, encoding: 'utf8', replaces })
  expect(answer.ok, JSON.stringify(answer))
}

export const COPIES: Rule[] = [
  [
    "a night copies every game's files, for root alone; what nobody changed takes no room again, and only so many nights stay",
    async (pair) => {
      const { sandbox } = pair
      const inode = async (name: string) =>
        (await sandbox.ok(`stat -c %i ${COPIES_OF}/${name}/${made.game}.tar.zst`)).trim()
      const first = await night(pair)
      const before = await inode(first)
      const second = await night(pair)
      expect((await inode(second)) === before, 'the same files, twice on the disk')
      await save(pair, 'note.json', '"once"')
      const third = await night(pair)
      expect((await inode(third)) !== before, 'a change was not copied')
      const nights = (await sandbox.ok(`ls -1 ${COPIES_OF} | grep ^2`)).trim().split('\n')
      expect(nights.join() === [second, third].join(), `nights: ${nights}`) // the rig keeps two
      const games = await sandbox.ok(`ls -1 ${GAMES} | sed 's/$/.tar.zst/'`)
      expect((await sandbox.ok(`ls -1 ${COPIES_OF}/${third}`)) === games, `of these games: ${games}`)
      for (const user of ['sandlot-supervisor', 'sandlot-caddy']) await denied(sandbox, `${as(user)} ls ${COPIES_OF}`)
      await denied(sandbox, `${as('sandlot-supervisor')} systemctl --no-ask-password start sandlot-backup.service`)
    },
  ],
  [
    'one game gets its files of a night back while it is played, with one command; no other changes, and another goes back',
    async (pair) => {
      const { sandbox, site } = pair
      await api(site).games.create.mutate({ title: 'Beside', template: 'hello' })
      const beside = (await api(site).games.mine.query()).games.find(({ title }) => title === 'Beside')!.id
      const server = await content(pair, 'server.js')
      const copy = await night(pair)
      const after = server.replace('score: 0', 'score: 7')
      expect(after !== server, server)
      await save(pair, 'server.js', after)
      await save(pair, 'more.js', 'export const more = 1\n')
      await save(pair, 'note.json', '"beside"', beside)
      const folder = `stat -c '%i %U %G' ${GAMES}/${made.game}`
      const before = await sandbox.ok(folder)

      const said = await sandbox.ok(`sandlot-restore ${copy} ${made.game}`)
      expect((await content(pair, 'server.js')) === server, 'server.js is not that of the night')
      expect((await content(pair, 'more.js')) === '', 'what came later is still there')
      expect((await content(pair, 'note.json', beside)) === '"beside"', 'another game was changed')
      expect((await sandbox.ok(folder)) === before, 'it is another folder')
      const strangers = `find ${GAMES}/${made.game} ! -user sandlot-supervisor`
      expect((await sandbox.ok(strangers)).trim() === '', `not the supervisor's: ${await sandbox.ok(strangers)}`)
      await built(pair)
      await playable(pair)
      await denied(sandbox, `sandlot-restore ${copy} no-such-game`)
      await denied(sandbox, `sandlot-restore none ${made.game}`)

      const aside = /sandlot-restore (replaced-\S+)/.exec(said)?.[1]
      expect(aside !== undefined, said)
      await sandbox.ok(`sandlot-restore ${aside}`)
      expect(
        (await content(pair, 'server.js')) === after && (await content(pair, 'more.js')) !== '',
        'it did not go back',
      )
      await sandbox.ok(`sandlot-restore ${copy} ${made.game}`)
      await built(pair)
    },
  ],
  [
    'a sandbox that lost all files has those of every game again, with one command',
    async (pair) => {
      const { sandbox } = pair
      const sums = `cd ${GAMES} && find . -type f -exec sha256sum {} + | sort`
      const [copy, before] = [await night(pair), await sandbox.ok(sums)]
      await sandbox.ok(`systemctl stop sandlot-supervisor && rm -r ${GAMES} && systemctl start sandlot-supervisor`)
      await sandbox.active('sandlot-supervisor')
      await eventually('an answer of the sandbox', async () => {
        const { ok } = await api(pair.site).studio.read.query({ game: made.game, path: 'server.js' })
        return !ok || 'the files are still there'
      })
      await sandbox.ok(`sandlot-restore ${copy}`)
      await sandbox.active('sandlot-supervisor')
      expect((await sandbox.ok(sums)) === before, 'not the files of before')
      await sandbox.ok(
        `for place in /run/sandlot-creators/*/*; do
           [ ! -e "$place" ] || [ "$(stat -c %i "$place")" = "$(stat -c %i ${GAMES}/\${place##*/})" ] || { echo "$place is a folder that is gone"; exit 1; }
         done`,
      )
      await built(pair)
      await playable(pair)
    },
  ],
]

/** Waits until what is in the game's folder is what is played. */
const built = ({ site }: Pair): Promise<void> =>
  eventually('the build', async () => {
    const { problem, build } = await api(site).studio.status.query({ game: made.game })
    return (problem === null && build !== null) || JSON.stringify(problem)
  })
