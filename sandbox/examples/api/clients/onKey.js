// Called once when a key goes down and once when it comes up.
let x = 100
gameAPI.onKey((key, down) => {
  if (key !== 'space' || !down) return
  gameAPI.createRect(x, 100, 40, 40, { color: '#00ff00' })
  x += 100
})
