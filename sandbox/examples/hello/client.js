// client.js: runs in a worker in the player's browser. No DOM, no network, only gameAPI.
const ships = gameAPI.group((player) => gameAPI.createSprite('ship', player.x, player.y))
gameAPI.onState((state) => ships.sync(state.players, (ship, p) => ship.moveTo(p.x, p.y)))
gameAPI.onUpdate(() => {
  const { left, right, up, down } = gameAPI.keys
  if (left || right || up || down) gameAPI.send('move', { dx: right - left, dy: down - up })
})
