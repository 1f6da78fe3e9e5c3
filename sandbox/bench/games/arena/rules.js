// The rules of W1 (and W5): 8 players and 32 bullets, all of which move in every frame. Every target runs this file.
// A row is any object with these fields: plain in a sandbox and in raw ws, a schema instance in Colyseus.
const { fround, floor, sin, cos } = Math
const WIDTH = 800
const HEIGHT = 600
const SPEED = 5

export const TICK_RATE = 20
export const PLAYERS = 8
export const BULLETS = 32
export const TABLES = {
  players: {
    x: 'float32',
    y: 'float32',
    vx: 'float32',
    vy: 'float32',
    hp: 'uint8',
    score: 'uint16',
    seq: 'uint32',
  },
  bullets: { x: 'float32', y: 'float32', owner: 'uint8' },
}

export const newPlayer = (slot) => ({
  x: 40 + 90 * slot,
  y: 300,
  vx: fround(cos(slot) * SPEED),
  vy: fround(sin(slot) * SPEED),
  hp: 100,
  score: 0,
  seq: 0,
})
export const newBullet = (i) => ({ x: bulletX(i, 0), y: bulletY(i, 0), owner: i % PLAYERS })

/** A player's message. A direction of 0, 0 leaves the course as it is. */
export function steer(player, { dx, dy, seq }) {
  if (dx !== 0 || dy !== 0) {
    player.vx = fround(player.vx * 0.6 + dx * SPEED * 0.4)
    player.vy = fround(player.vy * 0.6 + dy * SPEED * 0.4)
  }
  player.seq = seq
}

export function movePlayer(player, frame) {
  player.x = fround(wrap(player.x + player.vx + 0.37, WIDTH))
  player.y = fround(wrap(player.y + player.vy + 0.23, HEIGHT))
  if (frame % 10 === 0) player.hp = player.hp > 1 ? player.hp - 1 : 100
  if (frame % 20 === 0) player.score = (player.score + 1) % 65536
}

export function moveBullet(bullet, i, frame) {
  bullet.x = bulletX(i, frame)
  bullet.y = bulletY(i, frame)
}

const bulletX = (i, frame) => fround(bounce(i * 97.3 + frame * (7.1 + (i % 7) * 0.713), WIDTH))
const bulletY = (i, frame) => fround(bounce(i * 53.9 + frame * (5.3 + (i % 5) * 0.917), HEIGHT))
const wrap = (value, size) => value - floor(value / size) * size
/** There and back between 0 and `size`. */
function bounce(way, size) {
  const at = way % (2 * size)
  return at < size ? at : 2 * size - at
}
