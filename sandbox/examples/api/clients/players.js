// All who have a seat: a green dot for who is connected, a grey one for who lost the connection.
const dots = gameAPI.group(() => gameAPI.createCircle(0, 100, 20))
gameAPI.onUpdate(() => {
  let x = 100
  dots.sync(gameAPI.players, (dot, player) => {
    dot.x = x
    dot.color = player.connected ? '#00ff00' : '#888888'
    x += 50
  })
})
