// The room is over. Press E to end it.
gameAPI.onEnd((result) => {
  gameAPI.setBackground(result.winner === gameAPI.me.id ? '#00ff00' : '#ff0000')
})
gameAPI.onKey((key, down) => {
  if (key === 'e' && down) gameAPI.send('finish')
})
