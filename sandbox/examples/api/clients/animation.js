// The pictures of a sheet, one after the other, ten a second; a second sprite shows it once.
gameAPI.sheet('walk', 40, 40)
gameAPI.animation('walking', { sheet: 'walk', frames: [0, 1], rate: 10 })
gameAPI.animation('once', { sheet: 'walk', frames: [0, 1], rate: 10, loop: false })
gameAPI.createSprite('walk', 100, 100, { scale: 2 }).play('walking')
gameAPI.createSprite('walk', 300, 100, { scale: 2 }).play('once', () => {
  gameAPI.createRect(500, 100, 60, 60, { color: '#00ff00' })
})
