// A sound that goes on until the next click.
const alarm = gameAPI.playSound('beep', { loop: true })
gameAPI.onPointer((kind) => {
  if (kind === 'down') gameAPI.stopSound(alarm)
})
