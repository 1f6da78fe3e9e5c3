// Arena, the referee: runs on the server, 20 times a second. Who shot down most ships after 90 seconds wins the round.
import { steerBot } from './bot.js' // a game may have as many files as it likes

const WIDTH = 640
const HEIGHT = 600
const ROUND_TICKS = 90 * 20
const BREAK_TICKS = 8 * 20
const COLORS = ['#ff7a6b', '#41d3bd', '#ffd166', '#9d8cff', '#5cc8ff', '#a5d75a', '#ff9ad1', '#ff9f45']
const SHIP_RADIUS = 18
const HIT_POINTS = 3
const TURN = 0.2 // radians a tick
const THRUST = 0.55 // pixels a tick, faster each tick
const DRAG = 0.95
const BULLET_SPEED = 16
const BULLET_TICKS = 22
const RELOAD_TICKS = 6
const RESPAWN_TICKS = 40
const SHIELD_TICKS = 40 // a ship that just came cannot be shot
const FEWEST_SHIPS = 3 // below this, bots come

const clamp = (value, min, max) => Math.min(Math.max(value, min), max)
const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y)

export function setup({ random }) {
  const rocks = [44, 36, 30, 22].map((radius) => ({
    radius,
    x: 80 + random() * (WIDTH - 160),
    y: 80 + random() * (HEIGHT - 160),
    vx: (random() - 0.5) * 3,
    vy: (random() - 0.5) * 3,
  }))
  return { phase: 'play', ticksLeft: ROUND_TICKS, ships: {}, bullets: [], rocks, lastBullet: 0, winner: null, best: [] }
}

export function join(state, player, room) {
  addShip(state, player.id, player.name, room)
  state.best = room.store.get('best') ?? [] // the store outlives the room
}

export function leave(state, player) {
  delete state.ships[player.id]
  state.bullets = state.bullets.filter((bullet) => bullet.by !== player.id)
}

export const actions = {
  // What the player holds down. It stays so until the next message, so clients send only changes.
  steer(state, player, { turn, thrust, fire, target }) {
    // Anybody can send anything: take from it only numbers of the right kind.
    const point = Number.isFinite(target?.x) && Number.isFinite(target?.y)
    state.ships[player.id].input = {
      turn: turn === 1 || turn === -1 ? turn : 0,
      thrust: thrust === 1 ? 1 : 0,
      fire: fire === 1 ? 1 : 0,
      target: point ? { x: clamp(target.x, 0, WIDTH), y: clamp(target.y, 0, HEIGHT) } : null,
    }
  },
}

export function tick(state, room) {
  state.ticksLeft -= 1
  if (state.phase === 'break') {
    if (state.ticksLeft <= 0) startRound(state, room)
    return
  }
  keepBots(state, room)
  for (const rock of state.rocks) drift(rock)
  for (const [id, ship] of Object.entries(state.ships)) {
    if (ship.respawn > 0) {
      ship.respawn -= 1
      continue
    }
    if (ship.bot) steerBot(ship, state, room)
    fly(ship, state.rocks)
    if (ship.input.fire && ship.reload === 0) shoot(state, id, ship)
  }
  state.bullets = state.bullets.filter((bullet) => flies(bullet, state, room))
  if (state.ticksLeft <= 0) endRound(state, room)
}

function addShip(state, id, name, room, bot = false) {
  const taken = Object.values(state.ships).map((ship) => ship.color)
  const color = COLORS.find((each) => !taken.includes(each)) ?? COLORS[0]
  state.ships[id] = { name, color, bot, score: 0, input: { turn: 0, thrust: 0, fire: 0, target: null } }
  launch(state.ships[id], state, room)
}

/** A whole ship at a quiet place. It appears when `respawn` has counted down to 0. */
function launch(ship, state, room, respawn = 0) {
  const others = [...state.rocks, ...Object.values(state.ships).filter((each) => each !== ship)]
  const space = (point) => Math.min(...others.map((each) => distance(point, each)))
  const places = Array.from({ length: 6 }, () => ({
    x: 40 + room.random() * (WIDTH - 80),
    y: 40 + room.random() * (HEIGHT - 80),
  }))
  const { x, y } = places.reduce((best, place) => (space(place) > space(best) ? place : best))
  const angle = Math.atan2(HEIGHT / 2 - y, WIDTH / 2 - x)
  Object.assign(ship, { x, y, angle, vx: 0, vy: 0, hp: HIT_POINTS, reload: 0, respawn, shield: SHIELD_TICKS })
}

function keepBots(state, room) {
  const bots = Object.keys(state.ships).filter((id) => state.ships[id].bot)
  const players = Object.keys(state.ships).length - bots.length
  const wanted = Math.max(0, FEWEST_SHIPS - players)
  for (const id of bots.slice(wanted)) delete state.ships[id]
  for (const id of ['bot1', 'bot2', 'bot3'].slice(0, wanted)) {
    if (!state.ships[id]) addShip(state, id, { bot1: 'Dot', bot2: 'Zig', bot3: 'Kip' }[id], room, true)
  }
}

function drift(rock) {
  rock.x += rock.vx
  rock.y += rock.vy
  if (rock.x < rock.radius || rock.x > WIDTH - rock.radius)
    rock.vx = Math.abs(rock.vx) * (rock.x < rock.radius ? 1 : -1)
  if (rock.y < rock.radius || rock.y > HEIGHT - rock.radius)
    rock.vy = Math.abs(rock.vy) * (rock.y < rock.radius ? 1 : -1)
}

function fly(ship, rocks) {
  const { input } = ship
  let { turn, thrust } = input
  if (input.target) {
    const wish = Math.atan2(input.target.y - ship.y, input.target.x - ship.x) - ship.angle
    const shortest = Math.atan2(Math.sin(wish), Math.cos(wish)) // the short way round, between -PI and PI
    turn = clamp(shortest / TURN, -1, 1)
    thrust = distance(ship, input.target) > 70 ? 1 : 0
  }
  ship.angle += turn * TURN
  ship.vx = (ship.vx + Math.cos(ship.angle) * THRUST * thrust) * DRAG
  ship.vy = (ship.vy + Math.sin(ship.angle) * THRUST * thrust) * DRAG
  ship.x += ship.vx
  ship.y += ship.vy
  for (const rock of rocks) pushOut(ship, rock)
  if (ship.x < SHIP_RADIUS || ship.x > WIDTH - SHIP_RADIUS) ship.vx *= -0.6
  if (ship.y < SHIP_RADIUS || ship.y > HEIGHT - SHIP_RADIUS) ship.vy *= -0.6
  ship.x = clamp(ship.x, SHIP_RADIUS, WIDTH - SHIP_RADIUS)
  ship.y = clamp(ship.y, SHIP_RADIUS, HEIGHT - SHIP_RADIUS)
  if (ship.reload > 0) ship.reload -= 1
  if (ship.shield > 0) ship.shield -= 1
}

function pushOut(ship, rock) {
  const gap = distance(ship, rock) - rock.radius - SHIP_RADIUS
  if (gap >= 0) return
  const away = Math.atan2(ship.y - rock.y, ship.x - rock.x)
  ship.x -= Math.cos(away) * gap
  ship.y -= Math.sin(away) * gap
  ship.vx = Math.cos(away) * 4
  ship.vy = Math.sin(away) * 4
}

function shoot(state, id, ship) {
  ship.reload = RELOAD_TICKS
  ship.shield = 0 // no shooting from behind a shield
  const dx = Math.cos(ship.angle)
  const dy = Math.sin(ship.angle)
  state.lastBullet += 1
  state.bullets.push({
    id: state.lastBullet,
    by: id,
    ticks: BULLET_TICKS,
    x: ship.x + dx * 24,
    y: ship.y + dy * 24,
    vx: dx * BULLET_SPEED,
    vy: dy * BULLET_SPEED,
  })
}

/** Moves a bullet; false when it is gone. */
function flies(bullet, state, room) {
  bullet.x += bullet.vx
  bullet.y += bullet.vy
  bullet.ticks -= 1
  const target = Object.entries(state.ships).find(
    ([id, ship]) => id !== bullet.by && ship.respawn === 0 && distance(ship, bullet) < SHIP_RADIUS + 4,
  )
  if (target) {
    hit(state, target[1], bullet.by, room)
    return false
  }
  const inside = bullet.x > 0 && bullet.x < WIDTH && bullet.y > 0 && bullet.y < HEIGHT
  return inside && bullet.ticks > 0 && !state.rocks.some((rock) => distance(rock, bullet) < rock.radius)
}

function hit(state, ship, by, room) {
  if (ship.shield > 0) return
  ship.hp -= 1
  if (ship.hp > 0) return
  if (state.ships[by]) state.ships[by].score += 1
  launch(ship, state, room, RESPAWN_TICKS)
}

function endRound(state, room) {
  const ranking = Object.entries(state.ships)
    .map(([id, { name, score, bot }]) => ({ id, name, score, bot }))
    .sort((a, b) => b.score - a.score)
  state.winner = ranking[0].score > ranking[1].score ? ranking[0] : null // null: a draw
  state.phase = 'break'
  state.ticksLeft = BREAK_TICKS
  state.bullets = []
  const scores = ranking.filter(({ bot, score }) => !bot && score > 0).map(({ name, score }) => ({ name, score }))
  // Other rooms of this game keep the same list, so read it again before adding to it.
  state.best = [...(room.store.get('best') ?? []), ...scores].sort((a, b) => b.score - a.score).slice(0, 5)
  room.store.set('best', state.best)
}

function startRound(state, room) {
  Object.assign(state, { phase: 'play', ticksLeft: ROUND_TICKS, winner: null })
  for (const ship of Object.values(state.ships)) {
    ship.score = 0
    launch(ship, state, room)
  }
}
