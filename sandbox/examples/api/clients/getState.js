// The newest state, whenever it is wanted.
const bar = gameAPI.createRect(100, 100, 10, 40, { color: '#00ff00', originX: 0 })
gameAPI.onUpdate(() => {
  bar.width = 10 + 100 * gameAPI.getState().count
})
gameAPI.send('count')
