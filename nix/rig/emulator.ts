// The QEMU of Debian 13, in a root of its own that is made once: that of Debian 12 gets cmpxchg16b wrong, which ends Linux in a double fault.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder, makeDebian } from './root.ts'

const root = () => join(cacheFolder(), 'qemu')
const PROGRAM = 'usr/bin/qemu-system-x86_64'
const LIBRARIES = ['usr/lib/x86_64-linux-gnu', 'usr/lib/x86_64-linux-gnu/pulseaudio']
const FIRMWARE = ['usr/share/qemu', 'usr/share/seabios', 'usr/lib/ipxe/qemu']

/** Makes the root unless it is there; a minute, and a network. Needs root and mmdebstrap. */
export async function makeEmulator(): Promise<void> {
  if (!existsSync(join(root(), PROGRAM))) await makeDebian(root(), ['qemu-system-x86'])
}

/** The command and its first words: started by the loader of its own Debian, so that it has the files and the network of this one. */
export function emulator(): [command: string, words: string[]] {
  const at = (path: string) => join(root(), path)
  const words = [
    '--library-path',
    LIBRARIES.map(at).join(':'),
    at(PROGRAM),
    ...FIRMWARE.flatMap((path) => ['-L', at(path)]),
  ]
  return [at('usr/lib64/ld-linux-x86-64.so.2'), words]
}
