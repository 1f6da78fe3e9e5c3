// There is no server.js beside this file: the host shows everybody what each player says.
const list = gameAPI.createText('', 20, 20, { size: 32, color: '#00ff00' })
gameAPI.sendInput(`${gameAPI.me.name} is ready`)
gameAPI.onUpdate(() => {
  if (gameAPI.isHost()) gameAPI.setState({ said: Object.values(gameAPI.getInputs()) })
})
gameAPI.onState((state) => {
  if (state?.said) list.text = state.said.join('\n')
})
