// Who this player is: an id that the server knows too, and a name.
const { id, name } = gameAPI.me
gameAPI.onState((state) => {
  const mine = state.ships[id]
  if (mine) gameAPI.createText(`${name} is here`, mine.x, mine.y, { color: '#00ff00', size: 40, bold: true })
})
