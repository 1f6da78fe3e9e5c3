// There is no server.js beside this file: the host moves all players as their keys say.
const dots = gameAPI.group((dot) => gameAPI.createCircle(dot.x, dot.y, 20))
gameAPI.onState((state) => dots.sync(state?.dots ?? {}, (thing, dot) => thing.moveTo(dot.x, dot.y)))
gameAPI.onUpdate(() => {
  gameAPI.sendInput(gameAPI.keys)
  if (!gameAPI.isHost()) return
  const inputs = gameAPI.getInputs()
  const dots = gameAPI.getState()?.dots ?? {}
  for (const { id } of gameAPI.players) {
    const { x, y } = dots[id] ?? { x: 400, y: 300 }
    const { left = 0, right = 0, up = 0, down = 0 } = inputs[id] ?? {}
    dots[id] = { x: x + 4 * (right - left), y: y + 4 * (down - up) }
  }
  gameAPI.setState({ dots })
})
