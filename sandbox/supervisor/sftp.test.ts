// SFTP of the development server with the real sshd and the real client. Without OpenSSH: what the creator is told instead.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCommand } from './process.ts'
import { openSftp, type Sftp } from './sftp.ts'
import { newFolder } from './testing/node.ts'
import { until } from './testing/until.ts'

const root = process.getuid?.() === 0
const installed = [...(process.env.PATH ?? '').split(':'), '/usr/sbin'].some((folder) =>
  existsSync(join(folder, 'sshd')),
)
const log = pino({ level: 'silent' })

let data: string
let games: string
let sftp: Sftp
let publicKey: string
beforeEach(async () => {
  data = newFolder(root ? homedir() : undefined) // as root, the folder must be one that only root can change
  games = join(data, 'games')
  mkdirSync(join(games, 'pong'), { recursive: true })
  writeFileSync(join(games, 'pong', 'server.js'), 'one')
  writeFileSync(join(data, 'secret'), 'not yours')
  sftp = await openSftp({ folder: join(data, 'sftp'), games, port: 0, log })
  await runCommand('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'ann@laptop', '-f', join(data, 'id')])
  publicKey = existsSync(join(data, 'id.pub')) ? readFileSync(join(data, 'id.pub'), 'utf8').trim() : ''
})
afterEach(async () => {
  await sftp[Symbol.asyncDispose]()
  rmSync(data, { recursive: true })
})

/** Runs a line in a shell, with this input. */
function shell(line: string, input = ''): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', line])
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output += chunk
      })
    child.on('close', (code) => resolve({ code, output }))
    child.stdin.end(input)
  })
}

const setKeys = (owner: string, keys: string[]) => sftp.setKeys({ owner, games: ['pong'], keys })
const identity = () => `-i ${join(data, 'id')} -o IdentitiesOnly=yes -o BatchMode=yes`
/** Pastes the line that is shown, with our key in place of the person's own. */
const paste = (batch: string) => shell(sftp.info('pong').command!.replace(/^sftp /, `sftp ${identity()} -b - `), batch)
/** Logs in at the same place with ssh; `rest` follows the address. */
const ssh = (options: string, rest: string) =>
  shell(
    `${sftp
      .info('pong')
      .command!.replace(/^sftp -P/, `ssh ${identity()} ${options} -p`)
      .replace(/:\/\S*$/, '')} ${rest}`,
  )

describe.skipIf(installed)('SFTP on a machine without OpenSSH', () => {
  it('has no command, names the folder, and says what to install', () => {
    expect(sftp.info('pong')).toEqual({
      command: null,
      folder: join(games, 'pong'),
      why: expect.stringContaining('Install OpenSSH'),
    })
  })
})

describe.runIf(installed)('SFTP', () => {
  it('opens with the very line that is shown, in the folder of the game, for a registered key', async () => {
    await setKeys('u1', [publicKey])
    writeFileSync(join(data, 'upload.js'), 'two')
    const { code, output } = await paste(`put ${join(data, 'upload.js')} server.js\nls -1\n`)
    expect(output).toContain('server.js')
    expect(code).toBe(0)
    expect(readFileSync(join(games, 'pong', 'server.js'), 'utf8')).toBe('two')
  })

  it('refuses a key that is not registered, or not any more', async () => {
    expect((await paste('ls\n')).output).toContain('Permission denied')
    await setKeys('u1', [publicKey])
    expect((await paste('ls\n')).code).toBe(0)
    await setKeys('u1', [])
    expect((await paste('ls\n')).output).toContain('Permission denied')
  })

  it("keeps other owners' keys when one owner changes hers", async () => {
    await setKeys('u1', [publicKey])
    await setKeys('u2', [])
    expect((await paste('ls\n')).code).toBe(0)
  })

  it('cuts open sessions when keys change', async () => {
    await setKeys('u1', [publicKey])
    const command = sftp.info('pong').command!.replace(/^sftp /, `sftp -i ${join(data, 'id')} -o IdentitiesOnly=yes `)
    const child = spawn('/bin/sh', ['-c', `exec ${command}`], { stdio: ['pipe', 'pipe', 'pipe'] })
    const closed = new Promise((resolve) => child.once('close', resolve))
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    child.stdin.on('error', () => {}) // the client is gone when the session is cut
    child.stdin.write('ls -a\n')
    await until('the session', () => output.includes('server.js'))
    output = ''
    await setKeys('u1', [])
    child.stdin.end('ls -1\n')
    await closed
    expect(output).not.toContain('server.js')
    expect(child.exitCode).not.toBe(0)
  })

  it('gives no links, no shell and no forwarding; an ordinary rename works', async () => {
    await setKeys('u1', [publicKey])
    expect((await paste('ln -s server.js link.js\n')).output).toMatch(/denied|not support|failure/i)
    expect((await paste('ln server.js link.js\n')).output).toMatch(/denied|not support|failure/i)
    expect(existsSync(join(games, 'pong', 'link.js'))).toBe(false)
    expect((await paste('rename server.js main.js\n')).code).toBe(0)
    expect((await ssh('', 'id')).output).not.toContain('uid=')
    expect((await ssh('-tt', '')).output).toContain('PTY allocation request failed')
    expect((await ssh('-W 127.0.0.1:1', '')).output).toContain('administratively prohibited')
    expect((await ssh('-N -o ExitOnForwardFailure=yes -R 0:127.0.0.1:1', '')).output).toContain('forwarding failed')
  })

  it.runIf(root)('run by root locks the session into the games, even past a link that lies there', async () => {
    await setKeys('u1', [publicKey])
    symlinkSync(join(data, 'secret'), join(games, 'pong', 'link'))
    const { output } = await paste(`get link ${join(data, 'stolen')}\n`)
    expect(output).toMatch(/not found|No such file/i)
    expect(existsSync(join(data, 'stolen'))).toBe(false)
    expect((await paste('get /../../../../etc/passwd /dev/null\n')).code).not.toBe(0)
    expect((await paste(`get server.js ${join(data, 'fetched')}\n`)).code).toBe(0)
    expect(sftp.info('pong').why).toContain('nothing else')
  })

  it.runIf(root)('run by root does not open on a folder that others can change, and says which', async () => {
    const loose = newFolder()
    mkdirSync(join(loose, 'games'))
    const closed = await openSftp({ folder: join(loose, 'sftp'), games: join(loose, 'games'), port: 0, log })
    expect(closed.info('pong')).toMatchObject({ command: null, why: expect.stringContaining(`${tmpdir()} is not`) })
    rmSync(loose, { recursive: true })
  })

  it.skipIf(root)('run by an ordinary user says plainly what a key opens', () => {
    expect(sftp.info('pong').why).toContain('not just this game: register only your own keys here')
  })

  it('shows the host key of this server, so that the client asks nothing', () => {
    expect(sftp.info('pong').command).toContain('UserKnownHostsFile=')
    expect(readFileSync(join(data, 'sftp', 'known_hosts'), 'utf8')).toMatch(/^\[127\.0\.0\.1\]:\d+ ssh-ed25519 \S+\n$/)
  })
})
