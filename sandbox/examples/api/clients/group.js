// One sprite for each ship of the state: made when it comes, destroyed when it leaves.
const ships = gameAPI.group((ship) => gameAPI.createSprite('ship', ship.x, ship.y, { tint: '#00ff00' }))
gameAPI.onState((state) => {
  ships.sync(state.ships, (sprite, ship) => sprite.moveTo(ship.x, ship.y))
})
