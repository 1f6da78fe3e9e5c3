// Drawn frames since the code started: a square that blinks twice a second.
const light = gameAPI.createRect(100, 100, 60, 60, { color: '#00ff00' })
gameAPI.onUpdate(() => {
  light.visible = gameAPI.getFrame() % 30 < 15
})
