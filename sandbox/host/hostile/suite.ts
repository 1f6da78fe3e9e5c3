// The attacks of a folder, each a test, several at once.
import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { Builder } from '../../build/builder.ts'
import { temporaryFolder } from '../../testing/folder.ts'
import type { Attack } from './attack.ts'
import { neighbour, trial } from './trial.ts'

const HERE = new URL('./', import.meta.url)
const FIRST_LINE = /^\/\/ (I\d\d): (.+)\n/
const TIMEOUT_MS = 120_000

export interface Listed {
  /** Of the catalogue, such as I01. */
  row: string
  /** What it tries. */
  title: string
  file: string
}

/** The attacks of a folder beside this file. Throws when one does not begin with its row and what it tries. */
export function attacksIn(folder: string): Listed[] {
  return readdirSync(new URL(`${folder}/`, HERE)).map((name) => {
    const file = `${folder}/${name}`
    const [, row, title] = FIRST_LINE.exec(readFileSync(new URL(file, HERE), 'utf8')) ?? []
    if (row === undefined || title === undefined) throw new Error(`${file} must begin with a line such as "// I01: …"`)
    return { row, title, file }
  })
}

export async function load({ file }: Pick<Listed, 'file'>): Promise<Attack> {
  const module: { default: Attack } = await import(new URL(file, HERE).href)
  return module.default
}

/** Registers the attacks of a folder as tests; `atOnce` processes under attack at a time. */
export function hostile(folder: string, atOnce: number): void {
  describe.concurrent(`hostile code: ${folder}`, { timeout: TIMEOUT_MS }, () => {
    const enter = gate(atOnce)
    let beside: Awaited<ReturnType<typeof neighbour>>
    const builds = temporaryFolder()
    let builder: Builder
    beforeAll(async () => {
      beside = await neighbour()
      builder = new Builder({ out: builds.path })
    })
    afterAll(async () => {
      await beside[Symbol.asyncDispose]()
      await builder[Symbol.asyncDispose]()
      builds[Symbol.dispose]()
    })
    for (const listed of attacksIn(folder)) {
      it(`[${listed.row}] ${listed.title}`, async () => {
        const attack = await load(listed)
        await enter(() => trial(attack, builder))
        await beside.ticksOn()
      })
    }
  })
}

/** Lets `places` in at a time. */
function gate(places: number): (work: () => Promise<void>) => Promise<void> {
  let free = places
  const waiting: (() => void)[] = []
  return async (work) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}
