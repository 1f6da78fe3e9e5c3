// W1 as a game of Sandlot.
import { BULLETS, moveBullet, movePlayer, newBullet, newPlayer, steer } from './rules.js'

export const setup = () => ({
  players: {},
  bullets: Array.from({ length: BULLETS }, (_, i) => newBullet(i)),
  stopped: false,
})
export const join = (state, player) => {
  state.players[player.id] = newPlayer(Object.keys(state.players).length)
}
export const leave = (state, player, room) => {
  delete state.players[player.id]
  if (Object.keys(state.players).length === 0) room.end(null)
}
export const actions = {
  input(state, player, data) {
    if (!state.stopped) steer(state.players[player.id], data)
  },
  stop(state) {
    state.stopped = true
  },
  report(state, player, _data, room) {
    room.send(player, { players: state.players, bullets: state.bullets })
  },
}
export const tick = (state, room) => {
  if (state.stopped) return
  for (const id in state.players) movePlayer(state.players[id], room.frame)
  for (let i = 0; i < BULLETS; i++) moveBullet(state.bullets[i], i, room.frame)
}
