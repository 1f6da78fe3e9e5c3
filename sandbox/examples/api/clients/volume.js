// Of all sounds together; M turns them off and on.
gameAPI.playSound('beep', { loop: true })
gameAPI.onKey((key, down) => {
  if (key === 'm' && down) gameAPI.volume = gameAPI.volume > 0 ? 0 : 1
})
