// server.js: runs on the sandbox VM, one isolate a room. State is plain JSON; change it in place.
export const setup = () => ({ players: {} })
export const join = (state, player) => {
  state.players[player.id] = { x: 400, y: 300, name: player.name }
}
export const leave = (state, player) => {
  delete state.players[player.id]
}
export const actions = {
  move(state, player, { dx, dy }) {
    const me = state.players[player.id]
    me.x += Math.sign(dx) * 5
    me.y += Math.sign(dy) * 5
  },
}
