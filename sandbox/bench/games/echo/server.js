// W3 as a game of Sandlot. Actions wait for the next frame by themselves.
export const setup = () => ({})
export const actions = {
  echo(_state, player, text, room) {
    room.send(player, text)
  },
  shout(_state, _player, text, room) {
    room.broadcast(text)
  },
}
export const tick = () => {}
