// The left stick of the first controller moves the square; its lower button (A, cross) makes it green.
const square = gameAPI.createRect(400, 300, 40, 40)
gameAPI.onUpdate(() => {
  const [pad] = gameAPI.gamepads
  if (!pad) return
  square.x = 400 + 200 * pad.axes[0]
  square.y = 300 + 200 * pad.axes[1]
  square.color = pad.buttons[0] > 0.5 ? '#00ff00' : '#ffffff'
})
