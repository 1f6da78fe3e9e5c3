// There is no server.js beside this file: the host keeps the state, here a light that it turns round and round.
const light = gameAPI.createRect(400, 300, 200, 40)
gameAPI.onUpdate(() => {
  if (gameAPI.isHost()) gameAPI.setState({ turn: gameAPI.getFrame() / 60 })
})
gameAPI.onState((state) => {
  if (state?.turn) light.rotation = state.turn // null until a host has set one
})
