// Ice sumo: rules that one player's browser runs, on what others send it.

import { readFileSync } from 'node:fs'
import { parseManifest } from '@sandlot/shared/manifest.ts'
import { expect, it } from 'vitest'
import { impurity, type State, seededRandom } from './table.ts'

interface Wish {
  x: unknown
  y: unknown
  dash: unknown
}
interface Rules {
  ROBOT: string
  newGame(): State
  step(state: State, players: object[], inputs: Record<string, Wish | null | unknown>, seconds: number): State
}
const { newGame, ROBOT, step }: Rules = await import(new URL('./sumo/rules.js', import.meta.url).href)
const player = (id: string) => ({ id, name: id, connected: true })
/** Plays on for `seconds`, or until `isDone`. */
function play(state: State, players: object[], inputs: object, seconds: number, isDone = (_: State) => false): State {
  for (let left = seconds; left > 0 && !isDone(state); left -= 1 / 60) step(state, players, { ...inputs }, 1 / 60)
  return state
}

it('has a game.json with a title, and asks for direct connections', () => {
  const parsed = parseManifest(readFileSync(new URL('./sumo/game.json', import.meta.url), 'utf8'))
  expect(parsed).toMatchObject({ ok: true, manifest: { title: 'Ice sumo', peerToPeer: true } })
})

it('who is alone plays with a robot, which leaves when a friend comes', () => {
  const state = play(newGame(), [player('ada')], {}, 0.1)
  expect(Object.keys(state.penguins)).toEqual(['ada', ROBOT])
  play(state, [player('ada'), player('bob')], {}, 0.1)
  expect(Object.keys(state.penguins)).toEqual(['ada', 'bob'])
  expect(state.penguins.bob.color).not.toBe(state.penguins.ada.color)
})

it('a push moves only the penguin of the one who pushes, until it meets another', () => {
  const players = [player('ada'), player('bob')]
  const state = play(newGame(), players, {}, 1.3)
  const before = structuredClone(state.penguins)
  play(state, players, { ada: { x: 0, y: -1 } }, 0.3)
  expect(state.penguins.ada.y).toBeLessThan(before.ada.y - 10)
  expect(state.penguins.bob).toMatchObject({ x: before.bob.x, y: before.bob.y })
})

it('whoever leaves the ice is out, the last one wins the round, and the next round begins', () => {
  const players = [player('ada'), player('bob')]
  const state = play(newGame(), players, { ada: { x: 1, y: 0 } }, 6, ({ phase }) => phase === 'over')
  expect(state).toMatchObject({ phase: 'over', winner: 'bob' })
  expect(state.penguins).toMatchObject({ ada: { fallen: true, score: 0 }, bob: { fallen: false, score: 1 } })
  play(state, players, {}, 3.1)
  expect(state).toMatchObject({ phase: 'play', winner: null })
  expect(state.penguins).toMatchObject({ ada: { fallen: false }, bob: { score: 1 } })
})

it('a round ends by itself: the ice melts', () => {
  const state = play(newGame(), [player('ada'), player('bob')], {}, 90, ({ phase }) => phase === 'over')
  expect(state.phase).toBe('over')
})

it('who has left has no penguin', () => {
  const state = play(newGame(), [player('ada'), player('bob')], {}, 0.1)
  play(state, [player('ada'), { ...player('bob'), connected: false }], {}, 0.1)
  expect(Object.keys(state.penguins)).toEqual(['ada', ROBOT])
})

it('whatever players send, the state stays plain, small and finite', () => {
  const nonsense = [null, 7, 'x', [], { x: 'a' }, { x: 1e308, y: -1e308, dash: {} }, { x: null, y: [] }, { dash: 1 }]
  const random = seededRandom(7)
  const players = [player('ada'), player('bob'), player('eve')]
  const state = newGame()
  for (let i = 0; i < 2_000; i++) {
    const wish = () =>
      random() < 0.3 ? nonsense[Math.floor(random() * nonsense.length)] : { x: random() * 2 - 1, y: 1 }
    step(state, players.slice(0, 1 + (i % 3)), { ada: wish(), bob: wish(), eve: wish() }, random() / 4)
    expect(impurity(state)).toBeUndefined()
    expect(JSON.stringify(state).length).toBeLessThan(2_000)
  }
})
