// Ice sumo: the whole game, without server.js. Every player sends the host what they want, the host moves the penguins.
import { ICE, MIDDLE, newGame, READY, SIZE, step } from './rules.js'

const { width, height, keys, me } = gameAPI
const centered = { originX: 0.5, originY: 0.5 }

const water = gameAPI.createCanvas(0, 0, width, height, { depth: -3 })
for (let i = 0; i < 60; i++) water.circle(gameAPI.random() * width, gameAPI.random() * height, 1.5, '#1d5078')
const edge = gameAPI.createCircle(MIDDLE.x, MIDDLE.y + 8, ICE, { color: '#7fb6d6', depth: -2 })
const ice = gameAPI.createCircle(MIDDLE.x, MIDDLE.y, ICE, { color: '#e8f6ff', depth: -1 })
const rings = gameAPI.group((penguin) => gameAPI.createCircle(penguin.x, penguin.y, SIZE, { color: penguin.color }))
const penguins = gameAPI.group((penguin) => gameAPI.createSprite('penguin', penguin.x, penguin.y, { depth: 1 }))
const names = gameAPI.group((penguin) =>
  gameAPI.createText('', penguin.x, penguin.y, { size: 18, bold: true, depth: 2, color: '#123b5a', ...centered }),
)
const scores = gameAPI.group((penguin) =>
  gameAPI.createText('', 14, 0, { size: 22, bold: true, color: penguin.color, depth: 3 }),
)
const title = gameAPI.createText('', MIDDLE.x, MIDDLE.y - 150, {
  size: 27,
  bold: true,
  color: '#123b5a',
  depth: 4,
  ...centered,
})
const hint = gameAPI.createText('Arrows push, space dashes', width / 2, height - 24, {
  size: 20,
  color: '#9cc7e2',
  ...centered,
})
gameAPI.touchControls({ stick: true, buttons: { Dash: 'space' } })

const nameOf = (id, penguin) => (id === me.id ? 'You' : penguin.name.slice(0, 12))

gameAPI.onState((state) => {
  if (!state) return // no host has begun yet
  ice.scale = edge.scale = state.radius / ICE
  const drawn = (thing, penguin) => {
    thing.moveTo(penguin.x, penguin.y)
    const size = penguin.fallen ? 0.5 : 1
    thing.scale += (size - thing.scale) * 0.3
    thing.alpha = penguin.fallen ? 0.35 : 1
  }
  rings.sync(state.penguins, drawn)
  penguins.sync(state.penguins, drawn)
  names.sync(state.penguins, (text, penguin, id) => {
    text.text = nameOf(id, penguin)
    text.moveTo(penguin.x, penguin.y - SIZE - 14)
    text.visible = !penguin.fallen
  })
  let line = 0
  scores.sync(state.penguins, (text, penguin, id) => {
    text.text = `${penguin.score}  ${nameOf(id, penguin)}`
    text.y = 12 + 26 * line++
  })
  title.text = headline(state)
  hint.visible = state.phase === 'play' && state.seconds < 8
})

function headline({ phase, seconds, winner, penguins: all }) {
  if (phase !== 'over') return seconds < READY ? 'Ready…' : ''
  if (winner === null) return 'Everybody is wet'
  if (winner === me.id) return 'You win this round!'
  return all[winner] ? `${nameOf(winner, all[winner])} wins this round` : 'The winner has left already'
}

gameAPI.onUpdate((seconds) => {
  gameAPI.sendInput({ x: keys.right - keys.left, y: keys.down - keys.up, dash: keys.space })
  if (!gameAPI.isHost()) return
  const state = gameAPI.getState() ?? newGame() // a new host goes on from the last state
  gameAPI.setState(step(state, gameAPI.players, gameAPI.getInputs(), seconds))
})
