// Called for every drawn frame with the seconds since the last one: as fast on every screen.
const ball = gameAPI.createCircle(0, 100, 20, { color: '#00ff00' })
gameAPI.onUpdate((seconds) => {
  ball.x = Math.min(400, ball.x + 400 * seconds)
})
