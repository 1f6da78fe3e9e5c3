// Ice sumo, the rules. There is no server.js: whoever is host runs these and sends everybody the state.
export const MIDDLE = { x: 320, y: 290 }
export const ICE = 250 // radius of the ice at the start of a round
export const SIZE = 26 // radius of a penguin
const LEAST_ICE = 85
const MELT_SECONDS = 45
const PUSH = 620 // pixels a second, each second
const DASH = 330 // pixels a second, at once
const DASH_WAIT = 1.6 // seconds
const FRICTION = 0.9 // of the speed that is lost each second, about
const BOUNCE = 1.15 // penguins are made of rubber
const REST = 3 // seconds between two rounds
export const READY = 1.2 // seconds at the start of a round in which nobody moves
const MAX_STEP = 1 / 30 // a longer frame is taken in steps, so that nobody jumps through anybody
const COLORS = ['#ff7a6b', '#41d3bd', '#ffd166', '#b18cff', '#7ec8ff', '#9be564', '#ff9ff3', '#f5a524']
export const ROBOT = 'robot'

const round = (number) => Math.round(number * 100) / 100
const limit = (number) => (Number.isFinite(number) ? Math.max(-1, Math.min(1, number)) : 0)

export const newGame = () => ({ phase: 'play', seconds: 0, radius: ICE, winner: null, penguins: {} })

/** The state some seconds later. `players` are those who are here, `inputs` what each of them sent last, which may be nonsense. */
export function step(state, players, inputs, seconds) {
  seat(state, players)
  for (let left = state.seconds < READY && state.phase === 'play' ? 0 : seconds; left > 0; left -= MAX_STEP)
    move(state, inputs, Math.min(left, MAX_STEP))
  state.seconds = round(state.seconds + seconds)
  state.radius = round(Math.max(LEAST_ICE, ICE - ((ICE - LEAST_ICE) * state.seconds) / MELT_SECONDS))
  if (state.phase === 'play') judge(state)
  else if (state.seconds >= REST) newRound(state)
  for (const penguin of Object.values(state.penguins))
    for (const key of ['x', 'y', 'vx', 'vy', 'wait']) penguin[key] = round(penguin[key])
  return state
}

/** Everybody who is here has a penguin, and the robot while somebody is alone. */
function seat(state, players) {
  const here = players.filter((player) => player.connected)
  if (here.length === 1) here.push({ id: ROBOT, name: 'Robot' })
  for (const id of Object.keys(state.penguins)) if (!here.some((player) => player.id === id)) delete state.penguins[id]
  for (const { id, name } of here) {
    if (state.penguins[id]) continue
    const taken = Object.values(state.penguins).map((penguin) => penguin.color)
    const color = COLORS.find((one) => !taken.includes(one)) ?? COLORS[0]
    state.penguins[id] = { name, color, score: 0, ...place(Object.keys(state.penguins).length) }
  }
}

/** A place on the ice for the `i`-th penguin. */
function place(i) {
  const angle = i * 2.4
  return {
    x: MIDDLE.x + Math.cos(angle) * 130,
    y: MIDDLE.y + Math.sin(angle) * 130,
    vx: 0,
    vy: 0,
    wait: 0,
    fallen: false,
  }
}

function newRound(state) {
  Object.values(state.penguins).forEach((penguin, i) => {
    Object.assign(penguin, place(i))
  })
  Object.assign(state, { phase: 'play', seconds: 0, radius: ICE, winner: null })
}

function move(state, inputs, seconds) {
  const standing = Object.entries(state.penguins).filter(([, penguin]) => !penguin.fallen)
  for (const [id, penguin] of standing) {
    const wish = id === ROBOT ? robot(state) : inputs[id]
    const [x, y] = [limit(wish?.x), limit(wish?.y)]
    const length = Math.max(1, Math.hypot(x, y))
    penguin.wait = Math.max(0, penguin.wait - seconds)
    const dashes = wish?.dash && penguin.wait === 0 && (x !== 0 || y !== 0)
    const force = PUSH * seconds + (dashes ? DASH : 0)
    if (dashes) penguin.wait = DASH_WAIT
    const slower = (1 - FRICTION) ** seconds
    penguin.vx = (penguin.vx + (x / length) * force) * slower
    penguin.vy = (penguin.vy + (y / length) * force) * slower
    penguin.x += penguin.vx * seconds
    penguin.y += penguin.vy * seconds
  }
  standing.forEach(([, one], i) => {
    for (const [, other] of standing.slice(i + 1)) bump(one, other)
  })
  for (const [, penguin] of standing) {
    const distance = Math.hypot(penguin.x - MIDDLE.x, penguin.y - MIDDLE.y)
    if (distance <= state.radius) continue
    penguin.fallen = true
    penguin.x += ((penguin.x - MIDDLE.x) / distance) * SIZE // into the water, where everybody sees it
    penguin.y += ((penguin.y - MIDDLE.y) / distance) * SIZE
  }
}

/** Two penguins that touch push each other away. */
function bump(one, other) {
  const [dx, dy] = [other.x - one.x, other.y - one.y]
  const distance = Math.hypot(dx, dy) || 0.01
  if (distance >= 2 * SIZE) return
  const [nx, ny] = [dx / distance, dy / distance]
  const overlap = (2 * SIZE - distance) / 2
  one.x -= nx * overlap
  one.y -= ny * overlap
  other.x += nx * overlap
  other.y += ny * overlap
  const speed = (one.vx - other.vx) * nx + (one.vy - other.vy) * ny // at which they meet
  if (speed <= 0) return
  one.vx -= nx * speed * BOUNCE
  one.vy -= ny * speed * BOUNCE
  other.vx += nx * speed * BOUNCE
  other.vy += ny * speed * BOUNCE
}

/** It runs at somebody who stands, and back to the middle when it is near the edge. */
function robot({ penguins, radius }) {
  const me = penguins[ROBOT]
  const isNearEdge = Math.hypot(me.x - MIDDLE.x, me.y - MIDDLE.y) > radius * 0.6
  const foe = Object.entries(penguins).find(([id, penguin]) => id !== ROBOT && !penguin.fallen)?.[1]
  const target = isNearEdge || !foe ? MIDDLE : foe
  const [dx, dy] = [target.x - me.x, target.y - me.y]
  const distance = Math.hypot(dx, dy) || 1
  return { x: (dx / distance) * 0.45, y: (dy / distance) * 0.45, dash: target === foe && distance < 90 }
}

/** The last who stands wins the round. */
function judge(state) {
  const standing = Object.entries(state.penguins).filter(([, penguin]) => !penguin.fallen)
  if (standing.length > 1 || Object.keys(state.penguins).length < 2) return
  state.phase = 'over'
  state.seconds = 0
  state.winner = standing[0]?.[0] ?? null
  if (standing[0]) standing[0][1].score++
}
