// An action that throws on the server is refused, and changes nothing.
gameAPI.onRefused((action, why) => {
  if (action === 'forbidden') gameAPI.createText(why, 20, 20, { size: 60, color: '#ff0000' })
  gameAPI.createRect(400, 300, 80, 80, { color: '#ff0000' })
})
gameAPI.send('forbidden')
