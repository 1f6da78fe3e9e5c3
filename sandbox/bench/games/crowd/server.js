// W2 as a game of Sandlot.
import { moveEntity, newEntity, sees, steer, WANDERERS } from './rules.js'

export const setup = () => {
  const state = { entities: {}, joined: 0, stopped: false }
  for (let i = 0; i < WANDERERS; i++) state.entities[`w${i}`] = newEntity(i, 0)
  return state
}
export const join = (state, player) => {
  state.entities[player.id] = newEntity(WANDERERS + state.joined++, 1)
}
export const leave = (state, player) => {
  delete state.entities[player.id]
}
export const actions = {
  input(state, player, data) {
    if (!state.stopped) steer(state.entities[player.id], data)
  },
  stop(state) {
    state.stopped = true
  },
  report(state, player, _data, room) {
    room.send(player, view(state, player))
  },
}
export const tick = (state, room) => {
  if (state.stopped) return
  let i = 0
  for (const id in state.entities) moveEntity(state.entities[id], i++, room.frame)
}
export function view(state, player) {
  const me = state.entities[player.id]
  const entities = {}
  for (const id in state.entities) if (sees(me, state.entities[id])) entities[id] = state.entities[id]
  return { entities }
}
