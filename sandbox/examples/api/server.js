// The server beside every client of this folder. To try one: copy server.js, assets/ and one file of clients/, named client.js, into a game's folder.
export const setup = () => ({ count: 0, ships: {} })
export const join = (state, player) => {
  state.ships[player.id] = { x: 100, y: 100 }
}
export const leave = (state, player) => {
  delete state.ships[player.id]
}
export const actions = {
  count(state) {
    state.count++
  },
  move(state, player, { dx, dy }) {
    state.ships[player.id].x += Math.sign(dx) * 50
    state.ships[player.id].y += Math.sign(dy) * 50
  },
  hello(_state, player, _data, room) {
    room.send(player, { hello: player.name })
  },
  forbidden() {
    throw new Error('nobody may do this')
  },
  finish(_state, player, _data, room) {
    room.end({ winner: player.id })
  },
}
