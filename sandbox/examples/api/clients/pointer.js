// The mouse or the first finger: the square follows it, and is green while the button is down.
const square = gameAPI.createRect(0, 0, 40, 40)
gameAPI.onUpdate(() => {
  const { x, y, down } = gameAPI.pointer
  square.x = x
  square.y = y
  square.color = down ? '#00ff00' : '#ffffff'
})
