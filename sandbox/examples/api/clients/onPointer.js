// Every click and every touch leaves a dot.
gameAPI.onPointer((kind, x, y) => {
  if (kind === 'down') gameAPI.createCircle(x, y, 20, { color: '#00ff00' })
})
