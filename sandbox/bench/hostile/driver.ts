// The other end of players.ts.
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Answer, News, Order, Silence } from './players.ts'

export class Driver {
  #child: ChildProcess
  #asked = new Map<number, PromiseWithResolvers<unknown>>()
  #next = 1
  #closed: (News & { atMs: number })[] = []

  constructor() {
    // A session of its own, as players have machines of their own: where the kernel shares the processors out by session, it gets a share.
    this.#child = fork(fileURLToPath(new URL('players.ts', import.meta.url)), { detached: true })
    this.#child.once('exit', (code) => {
      for (const { reject } of this.#asked.values()) reject(new Error(`the process of the players ended (${code})`))
    })
    this.#child.on('message', (message) => this.#hear(message as News | Answer))
  }

  join(group: string, room: string, url: string, tickets: string[]): Promise<unknown> {
    return this.#ask({ t: 'join', group, room, url, tickets })
  }
  /** From now on gaps count. */
  mark(group: string): Promise<unknown> {
    return this.#ask({ t: 'mark', group })
  }
  /** How it went in all rooms of the group but one. */
  read(group: string, except: string | null = null): Promise<Silence> {
    return this.#ask({ t: 'read', group, except }) as Promise<Silence>
  }
  attack(group: string, room: string, how: (Order & { t: 'attack' })['how']): Promise<unknown> {
    return this.#ask({ t: 'attack', group, room, how })
  }
  leave(group: string): Promise<unknown> {
    return this.#ask({ t: 'leave', group })
  }
  /** How the first player of a room was turned out, if one was. */
  closed(group: string, room: string): (News & { atMs: number }) | undefined {
    return this.#closed.find((news) => news.group === group && news.room === room)
  }
  [Symbol.dispose](): void {
    this.#child.disconnect()
  }

  #hear(message: News | Answer): void {
    if (message.t === 'closed') this.#closed.push({ ...message, atMs: performance.now() })
    else {
      const { value, problem, id } = message
      if (problem === undefined) this.#asked.get(id)?.resolve(value)
      else this.#asked.get(id)?.reject(new Error(problem))
      this.#asked.delete(id)
    }
  }

  #ask(order: Order): Promise<unknown> {
    const id = this.#next++
    const asked = Promise.withResolvers<unknown>()
    this.#asked.set(id, asked)
    this.#child.send({ id, order }, (error) => error && asked.reject(error))
    return asked.promise
  }
}
