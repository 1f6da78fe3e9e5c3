// assets/beep.wav, a little softer and higher, at every click. Browsers are silent until the player has clicked or pressed a key.
gameAPI.onPointer((kind) => {
  if (kind === 'down') gameAPI.playSound('beep', { volume: 0.5, rate: 1.5 })
})
