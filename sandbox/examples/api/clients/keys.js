// A key that is down is 1, else 0. Arrows and WASD are left, right, up and down.
const ship = gameAPI.createRect(100, 100, 40, 40, { color: '#00ffff' })
gameAPI.onUpdate(() => {
  const { left, right, up, down } = gameAPI.keys
  ship.x += 10 * (right - left)
  ship.y += 10 * (down - up)
})
