// The copies of games' files: what the scripts of the sandbox do with folders that creators and a supervisor that is taken over may make.
import { beforeAll, describe, expect, it } from 'vitest'
import { evaluate, type Machine, whyNoNix } from './appliance.ts'
import { render } from './render.ts'
import { Overlay, whyNoTools } from './root.ts'

const noTools = whyNoNix() ?? whyNoTools()
const BEFORE = `set -e
cd /var/lib/sandlot/games
night() { ls -1 /var/lib/sandlot-backup | grep ^2 | tail -n "\${1:-1}" | head -n 1; }
copy() { sh /etc/sandlot/copy-games; }
restore() { sh /usr/local/bin/sandlot-restore "$@"; }
as() { setpriv --reuid=sandlot-supervisor --regid=sandlot-supervisor --clear-groups "$@"; }
`

describe.skipIf(noTools !== null)(`copies of games${noTools ? ` (skipped: ${noTools})` : ''}`, () => {
  let sandbox: Machine
  beforeAll(async () => {
    sandbox = (await evaluate('{ sizes.gameCopies = 2; sizes.gameCopiesMiB = 1; }')).sandbox
  })

  /** Runs a script in a machine with two games, `pong` and `chess`, that are the supervisor's. */
  async function tried(script: string): Promise<string> {
    const files = render(sandbox)
    files.set('/usr/local/bin/sandlot-restore', sandbox.commands['sandlot-restore']!)
    await using overlay = await Overlay.open(files)
    const make = `systemd-sysusers >/dev/null 2>&1 && mkdir -p /var/lib/sandlot-backup /var/lib/sandlot/games && cd /var/lib/sandlot/games &&
      mkdir pong chess && echo pong > pong/server.js && echo chess > chess/server.js && chown -R sandlot-supervisor: . && chmod 700 . && chown sandlot-supervisor: ..`
    const { code, output } = await overlay.run('sh', '-c', `{ ${make}\n${BEFORE}${script}\n} 2>&1`)
    expect(code, output).toBe(0)
    return output
  }

  it('only so many nights stay, and no more than their share of the disk but for the last', async () => {
    const counts = await tried(`
      for turn in 1 2 3; do copy; done
      echo many $(ls -1 /var/lib/sandlot-backup | wc -l)
      for turn in 1 2; do head -c 700000 /dev/urandom > pong/data; copy; done
      echo large $(ls -1 /var/lib/sandlot-backup | wc -l)
      head -c 2000000 /dev/urandom > pong/data; copy
      echo larger $(ls -1 /var/lib/sandlot-backup | wc -l)`)
    expect(counts).toBe('many 2\nlarge 1\nlarger 1\n')
  })

  it('a link in the place of a folder is copied as a link, other names are left out, and a file of any mode and name is there', async () => {
    const said = await tried(`
      echo secret > /root/key; ln -s /root evil; mkdir 'a b' -- -x; mkfifo pong/pipe
      echo hidden > pong/.hidden; chmod 0 pong/.hidden; ln -s /root/key pong/link; echo x > "$(printf 'pong/new\\nline')"
      copy
      cd /var/lib/sandlot-backup/$(night); ls -1
      for game in *; do tar --use-compress-program=zstd -tvf $game; done | sed 's/ .* [.]/ ./'
      zstd -dc *.zst | grep -c secret || true`)
    expect(said.trim().split('\n')).toEqual([
      ...['chess.tar.zst', 'evil.tar.zst', 'pong.tar.zst'],
      ...['drwxr-xr-x ./chess/', '-rw-r--r-- ./chess/server.js', 'lrwxrwxrwx ./evil -> /root', 'drwxr-xr-x ./pong/'],
      ...['---------- ./pong/.hidden', 'lrwxrwxrwx ./pong/link -> /root/key', '-rw-r--r-- ./pong/new\\nline'],
      ...['prw-r--r-- ./pong/pipe', '-rw-r--r-- ./pong/server.js', '0'],
    ])
  })

  it("a game's files come back into the same folder, whatever is there by then, and nothing beside it is touched", async () => {
    const said = await tried(`
      echo secret > pong/.hidden; chmod 400 pong/.hidden; copy
      as mkdir -p pong/deep/er; as chmod 0 pong/deep; echo outside > /root/key; ln -s /root pong/out; rm pong/server.js pong/.hidden
      echo new > chess/server.js
      before=$(stat -c %i pong)
      restore $(night) pong 2>/dev/null
      test $before = $(stat -c %i pong)
      test $(stat -c %Y ../restored/pong) -le $(date +%s); test ! -e ../restored/chess
      cat pong/server.js pong/.hidden chess/server.js /root/key; ls -A pong; find . ! -user sandlot-supervisor
      restore $(ls -1 /var/lib/sandlot-backup | grep ^replaced) 2>/dev/null; ls -A pong`)
    expect(said.trim().split('\n')).toEqual(['pong', 'secret', 'new', 'outside', '.hidden', 'server.js', 'deep', 'out'])
  })

  it('an archive gives back its own game and no other, with the rights of the supervisor', async () => {
    const said = await tried(`
      mkdir -p /root/night /tmp/x/pong /tmp/x/chess; echo evil > /tmp/x/pong/server.js; echo evil > /tmp/x/chess/server.js
      tar -C /tmp/x -c ./pong ./chess --transform 's|./chess|./pong/../chess|' | zstd -q > /root/night/pong.tar.zst
      restore /root/night pong 2>/dev/null || true
      test $(stat -c %Y ../restored/pong) -gt $(date +%s)
      cat chess/server.js
      echo torn > /root/night/chess.tar.zst
      restore /root/night chess 2>&1 | tail -n 1; cat chess/server.js`)
    expect(said).toBe('chess\nsandlot-restore: /root/night/chess.tar.zst is broken. Nothing was changed.\nchess\n')
  })
})
