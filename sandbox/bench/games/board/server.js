// W4 as a game of Sandlot.
import { mark, newBoard } from './rules.js'

export const setup = () => ({ board: newBoard() })
export const leave = (_state, _player, room) => {
  if (room.players.length === 0) room.end(null)
}
export const actions = {
  mark(state, _player, data) {
    mark(state.board, data)
  },
  stop() {},
  report(state, player, _data, room) {
    room.send(player, state)
  },
}
