// What the server sends to this player alone, or to all, without keeping it in the state.
gameAPI.onMessage((message) => {
  if (message.hello === gameAPI.me.name) gameAPI.setBackground('#00ff00')
})
gameAPI.send('hello')
