// Called with the state on start, and whenever it changed.
const bar = gameAPI.createRect(100, 100, 10, 40, { color: '#00ff00', originX: 0 })
gameAPI.onState((state) => {
  bar.width = 10 + 100 * state.count
})
gameAPI.send('count')
