// A ball falls on a platform, bounces and comes to rest; a coin that it touches turns green.
gameAPI.physics.gravity.y = 900
const ball = gameAPI.createCircle(200, 100, 20, { color: '#ffff00' })
gameAPI.physics.add(ball, { bounce: 0.4, bounds: true })
const platform = gameAPI.createRect(200, 400, 300, 40, { color: '#8888ff' })
gameAPI.physics.add(platform, { immovable: true })
const coin = gameAPI.createCircle(200, 300, 10, { color: '#ff0000' })
gameAPI.physics.add(coin, { gravity: false })
gameAPI.physics.collide(ball, platform)
gameAPI.physics.overlap(ball, coin, () => {
  coin.color = '#00ff00'
})
