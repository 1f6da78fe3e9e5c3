// Pong, the referee: runs on the server, 30 times a second. The first to 7 points wins.
// A robot plays every side that no player has taken, so one player alone has fun too.
const WIDTH = 640
const HEIGHT = 400
const RADIUS = 9 // of the ball
const REACH = 38 // half a paddle's height
const FACE = 36 // how far from the wall the ball meets a paddle
const PADDLE_SPEED = 12 // pixels a tick, like every speed here
const ROBOT_SPEED = 6
const START_SPEED = 8
const TOP_SPEED = 17
const POINTS_TO_WIN = 7
const SERVE_TICKS = 60 // a server who only waits loses the ball after 2 seconds
const REST_TICKS = 30

const clamp = (value, min, max) => Math.min(Math.max(value, min), max)
const newSide = (id, name) => ({ id, name, y: HEIGHT / 2, speed: 0, direction: 0, aim: null, score: 0, ready: false })
const newRobot = () => newSide(null, 'Robot')

export const setup = () => {
  const state = { sides: [newRobot(), newRobot()], ball: {} } // sides[0] is left, sides[1] is right
  newMatch(state, 0)
  return state
}

export function join(state, player) {
  const free = state.sides.findIndex((side) => side.id === null)
  state.sides[free] = newSide(player.id, player.name)
  newMatch(state, free)
}

export function leave(state, player) {
  const gone = state.sides.findIndex((side) => side.id === player.id)
  state.sides[gone] = newRobot()
  newMatch(state, 1 - gone)
}

// What players may ask for. Anybody can send anything, so each action checks who asks and what; a throw refuses it.
export const actions = {
  move(state, player, direction) {
    if (![-1, 0, 1].includes(direction)) throw new Error('Move takes -1 (up), 0 (stop) or 1 (down).')
    Object.assign(sideOf(state, player), { direction, aim: null })
  },
  aim(state, player, y) {
    if (!Number.isFinite(y)) throw new Error('Aim takes the height to go to.')
    Object.assign(sideOf(state, player), { direction: 0, aim: clamp(y, 0, HEIGHT) })
  },
  serve(state, player) {
    const mine = state.sides[state.server].id === player.id
    if (state.phase !== 'serve' || !mine) throw new Error('It is not your serve.')
    serve(state)
  },
  rematch(state, player) {
    if (state.phase !== 'over' || state.wait > 0) throw new Error('The match is not over yet.')
    sideOf(state, player).ready = true
    if (state.sides.every((side) => side.ready || side.id === null)) newMatch(state, 1 - state.winner)
  },
}

export function tick(state, room) {
  for (const side of state.sides) movePaddle(side, side.id === null ? robotStep(state, side) : playerStep(side))
  if (state.wait > 0) state.wait -= 1
  if (state.phase === 'serve') {
    placeOnPaddle(state)
    if (state.wait === 0) serve(state)
  } else if (state.phase === 'play') moveBall(state, room)
}

const sideOf = (state, player) => state.sides.find((side) => side.id === player.id)

function newMatch(state, server) {
  for (const side of state.sides) Object.assign(side, { score: 0, ready: false })
  state.winner = null
  newServe(state, server)
}

function newServe(state, server) {
  const robot = state.sides[server].id === null
  Object.assign(state, { phase: 'serve', server, wait: robot ? SERVE_TICKS / 2 : SERVE_TICKS, rally: 0 })
  placeOnPaddle(state)
}

function placeOnPaddle({ ball, sides, server }) {
  const x = server === 0 ? FACE : WIDTH - FACE
  Object.assign(ball, { x, y: sides[server].y, vx: 0, vy: 0, spin: 0 })
}

function serve(state) {
  const side = state.sides[state.server]
  state.phase = 'play'
  state.ball.vx = state.server === 0 ? START_SPEED : -START_SPEED
  state.ball.vy = side.id === null ? (side.aim ?? 30) / 8 : 1 + side.speed * 0.4 // serve from a moving paddle to send it up or down
}

const playerStep = (side) => (side.aim === null ? side.direction * PADDLE_SPEED : side.aim - side.y)

function robotStep({ ball, sides, phase }, side) {
  const coming = phase === 'play' && ball.vx < 0 === (side === sides[0])
  const goal = coming ? ball.y + (side.aim ?? 0) : HEIGHT / 2
  return clamp(goal - side.y, -ROBOT_SPEED, ROBOT_SPEED)
}

function movePaddle(side, step) {
  const before = side.y
  side.y = clamp(before + clamp(step, -PADDLE_SPEED, PADDLE_SPEED), REACH, HEIGHT - REACH)
  side.speed = side.y - before
}

function moveBall(state, room) {
  const { ball } = state
  const before = ball.x
  ball.vy += ball.spin
  ball.spin *= 0.97
  ball.x += ball.vx
  ball.y += ball.vy
  if (ball.y < RADIUS || ball.y > HEIGHT - RADIUS) {
    ball.vy = ball.y < RADIUS ? Math.abs(ball.vy) : -Math.abs(ball.vy)
    ball.y = clamp(ball.y, RADIUS, HEIGHT - RADIUS)
    ball.spin = 0
  }
  const at = ball.vx < 0 ? 0 : 1
  const face = at === 0 ? FACE : WIDTH - FACE
  // Did it pass the paddle's face in this tick? Asking only "is it there now" would let a fast ball jump through.
  const passed = at === 0 ? before > face && ball.x <= face : before < face && ball.x >= face
  const side = state.sides[at]
  if (passed && Math.abs(ball.y - side.y) <= REACH + RADIUS) bounce(state, side, at === 0 ? 1 : -1, face, room)
  else if (ball.x < -RADIUS || ball.x > WIDTH + RADIUS) score(state, 1 - at)
}

function bounce(state, side, direction, face, room) {
  const { ball } = state
  const speed = Math.min(Math.hypot(ball.vx, ball.vy) * 1.06, TOP_SPEED)
  const angle = ((ball.y - side.y) / (REACH + RADIUS)) * 0.9 // the edge of the paddle sends it away steeply
  ball.x = face
  ball.vx = Math.cos(angle) * speed * direction
  ball.vy = Math.sin(angle) * speed + side.speed * 0.25
  ball.spin = -side.speed * 0.02 // a paddle that moves takes the ball along, then it curves back
  state.rally += 1
  if (side.id === null) side.aim = (room.random() - 0.5) * 2 * REACH // the robot meets the next ball elsewhere
}

function score(state, winner) {
  state.sides[winner].score += 1
  if (state.sides[winner].score < POINTS_TO_WIN) return newServe(state, 1 - winner)
  placeOnPaddle(state)
  Object.assign(state, { phase: 'over', winner, wait: REST_TICKS })
}
