// One of the players is the host: only their browser asks the server to count.
const mark = gameAPI.createRect(100, 100, 60, 60, { color: '#888888' })
gameAPI.onUpdate(() => {
  mark.color = gameAPI.isHost() ? '#ffff00' : '#888888'
})
