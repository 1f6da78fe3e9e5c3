// The QEMU of Debian 13, in a root of its own that is made once: that of Debian 12 gets cmpxchg16b wrong, which ends Linux in a double fault.
import { existsSync } from 'node:fs'
import { readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { cacheFolder, makeDebian, rootFolder } from './root.ts'

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

/** Of the header of a bzImage (Documentation/arch/x86/boot.rst): sectors of the setup, and where in the rest the compressed kernel lies. */
const SETUP_SECTORS = 0x1f1
const PAYLOAD_OFFSET = 0x248
const PAYLOAD_LENGTH = 0x24c
const SECTOR_BYTES = 512
const SIZE_BYTES = 4 // of the kernel, written behind it

/** The kernel of the machines, unpacked here once: that the machine itself would need seconds for. QEMU starts it as Xen would (PVH). */
export async function kernel(): Promise<string> {
  const boot = join(rootFolder(), 'boot')
  const name = (await readdir(boot)).find((entry) => entry.startsWith('vmlinuz-'))!
  const file = join(cacheFolder(), name.replace('vmlinuz', 'vmlinux'))
  if (existsSync(file)) return file
  const image = await readFile(join(boot, name))
  const start = (image[SETUP_SECTORS]! + 1) * SECTOR_BYTES + image.readUInt32LE(PAYLOAD_OFFSET)
  const packed = image.subarray(start, start + image.readUInt32LE(PAYLOAD_LENGTH) - SIZE_BYTES)
  const draft = `${file}.${process.pid}`
  await writeFile(draft, zstdDecompressSync(packed))
  await rename(draft, file)
  return file
}
