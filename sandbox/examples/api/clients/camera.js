// A world larger than the screen: the camera follows the ship and never shows what is outside. The score stays where it is.
const ship = gameAPI.createRect(1500, 1000, 40, 40, { color: '#00ff00' })
gameAPI.createRect(40, 40, 60, 60, { color: '#ff0000', fixed: true })
gameAPI.camera.bounds(0, 0, 3000, 2000)
gameAPI.camera.zoom = 1.5
gameAPI.camera.follow(ship)
gameAPI.onUpdate((seconds) => {
  ship.x += 100 * seconds
})
