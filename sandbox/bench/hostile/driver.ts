// The other end of players.ts.
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Answer, News, Order, Silence } from './players.ts'

export class Driver {
  #child: ChildProcess
  #asked = new Map<number, (value: unknown) => void>()
  #next = 1
  #closed: (News & { atMs: number })[] = []

  constructor() {
    this.#child = fork(fileURLToPath(new URL('players.ts', import.meta.url)))
    this.#child.once('exit', (code) => {
      if (this.#asked.size > 0) throw new Error(`the process of the players ended with code ${code}`)
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
      this.#asked.get(message.id)?.(message.value)
      this.#asked.delete(message.id)
    }
  }

  #ask(order: Order): Promise<unknown> {
    const id = this.#next++
    return new Promise((resolve) => {
      this.#asked.set(id, resolve)
      this.#child.send({ id, order })
    })
  }
}
