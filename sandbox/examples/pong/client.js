// Pong, what a player sees and does. The server decides everything; here we draw its state and send it our wishes.
const { width, height, keys, me } = gameAPI
const MIDDLE = width / 2
const COLORS = ['#ff7a6b', '#41d3bd'] // left, right

for (let y = 10; y < height - 60; y += 30) gameAPI.createRect(MIDDLE, y + 5, 4, 16, { color: '#2c3765' })

const score = COLORS.map((color, i) =>
  gameAPI.createText('0', MIDDLE + (i * 2 - 1) * 70, 52, { size: 76, bold: true, color, originX: 0.5 }),
)
const names = COLORS.map((color, i) =>
  gameAPI.createText('', MIDDLE + (i * 2 - 1) * 70, 24, { size: 22, color, originX: 0.5 }),
)
const paddles = COLORS.map((tint, i) => gameAPI.createSprite('paddle', i ? width - 20 : 20, height / 2, { tint }))
const trail = Array.from({ length: 8 }, (_, i) =>
  gameAPI.createCircle(MIDDLE, height / 2, 8 - i * 0.8, { color: '#ffd166', alpha: 0.3 - i * 0.035 }),
)
const ball = gameAPI.createSprite('ball', MIDDLE, height / 2)
const title = gameAPI.createText('', MIDDLE, 176, { size: 44, bold: true, originX: 0.5, originY: 0.5 })
const hint = gameAPI.createText('', MIDDLE, 368, { size: 22, color: '#aab4e0', originX: 0.5, originY: 0.5 })

let state // the newest one from the server; it is one object that changes, so remember what you want to compare
let rally = 0
const past = [] // where the ball was
gameAPI.onState((next) => {
  const hit = next.rally > rally
  rally = next.rally
  state = next
  state.sides.forEach((side, i) => {
    paddles[i].moveTo(paddles[i].x, side.y)
    if (hit && i === (state.ball.vx > 0 ? 0 : 1)) paddles[i].scale = 1.25 // shrinks back in onUpdate
    score[i].text = String(side.score)
    names[i].text = side.id === me.id ? 'You' : side.name.slice(0, 12)
  })
  past.unshift({ x: ball.x, y: ball.y })
  ball.moveTo(state.ball.x, state.ball.y)
  trail.forEach((dot, i) => {
    if (past[i]) dot.moveTo(past[i].x, past[i].y) // where the ball was i + 1 states ago
    dot.visible = state.phase === 'play'
  })
  past.length = Math.min(past.length, trail.length)
  ball.visible = state.phase !== 'over'
  title.text = headline()
  hint.text = advice()
})

function headline() {
  if (state.phase === 'over')
    return state.sides[state.winner].id === me.id ? 'You win!' : `${names[state.winner].text} wins!`
  return state.rally > 5 ? `Rally ${state.rally}` : ''
}

function advice() {
  const mine = state.sides.find((side) => side.id === me.id)
  if (state.phase === 'over') return mine?.ready ? 'Waiting for the other player…' : 'Space or tap: rematch'
  if (state.phase === 'serve' && state.sides[state.server] === mine) return 'Your serve: space or tap'
  if (state.sides.some((side) => side.id === null)) return 'Practice with the robot, or invite a friend'
  return ''
}

function go() {
  if (state.phase === 'over') gameAPI.send('rematch')
  else if (state.phase === 'serve' && state.sides[state.server].id === me.id) gameAPI.send('serve')
}
gameAPI.onKey((key, down) => {
  if (down && (key === 'space' || key === 'enter')) go()
})

let pointerY = null // set when mouse or finger moved, until it is sent
gameAPI.onPointer((kind, _x, y) => {
  pointerY = Math.round(y)
  if (kind === 'down') go()
})

let lastDirection = null // not 0: after a reload the server may still believe a key is down
gameAPI.onUpdate(() => {
  // Send only what changed: a player may send at most 60 messages a second.
  const direction = keys.down - keys.up
  if (direction !== lastDirection) gameAPI.send('move', direction)
  lastDirection = direction
  if (pointerY !== null && gameAPI.getFrame() % 3 === 0) {
    gameAPI.send('aim', pointerY)
    pointerY = null
  }

  for (const paddle of paddles) paddle.scale += (1 - paddle.scale) * 0.15
})
