// Every finger on the screen has a circle.
const circles = gameAPI.group((touch) => gameAPI.createCircle(touch.x, touch.y, 40, { color: '#ff00ff' }))
gameAPI.onUpdate(() => {
  circles.sync([...gameAPI.touches], (circle, touch) => {
    circle.x = touch.x
    circle.y = touch.y
  })
})
