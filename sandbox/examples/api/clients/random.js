// The same numbers for every player of the room: all see the same stars.
for (let i = 0; i < 50; i++) {
  const [x, y] = [gameAPI.random() * 800, gameAPI.random() * 600]
  gameAPI.createRect(x, y, 8, 8, { color: '#ffffff' })
}
