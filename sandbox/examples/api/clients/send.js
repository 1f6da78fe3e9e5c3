// Asks the server to do actions.move(state, player, { dx, dy }).
const ship = gameAPI.createRect(0, 0, 40, 40, { color: '#00ff00' })
gameAPI.onState((state) => {
  const { x, y } = state.ships[gameAPI.me.id]
  ship.moveTo(x, y)
})
gameAPI.send('move', { dx: 1, dy: 1 })
