// A hundred sparks fly away. Those that have left the screen are destroyed every 5 seconds.
gameAPI.cleanUpOffscreen()
for (let i = 0; i < 100; i++) {
  const spark = gameAPI.createRect(400, 300, 6, 6, { color: '#00ff00' })
  gameAPI.physics.add(spark, { velocityX: 900 * Math.cos(i), velocityY: 900 * Math.sin(i) })
}
