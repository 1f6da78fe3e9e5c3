// The rules of W2: one room of 100 players and 200 wanderers, all of which move in every frame; each player sees about 60 of them.
// Every target runs this file.
const { fround, floor, sin, cos, abs } = Math
const SIZE = 1000
const SIGHT = 250 // half the side of what a player sees: 0.19 of the world on average
const SPEED = 4

export const TICK_RATE = 20
export const PLAYERS = 100
export const WANDERERS = 200
export const TABLES = { entities: { x: 'float32', y: 'float32', kind: 'uint8', seq: 'uint32' } }

export const newEntity = (i, kind) => ({ x: fround((i * 617.3) % SIZE), y: fround((i * 283.7) % SIZE), kind, seq: 0 })

export function steer(entity, { dx, dy, seq }) {
  entity.x = fround(wrap(entity.x + dx * SPEED))
  entity.y = fround(wrap(entity.y + dy * SPEED))
  entity.seq = seq
}

export function moveEntity(entity, i, frame) {
  const way = i * 2.399 + floor(frame / 100)
  entity.x = fround(wrap(entity.x + cos(way) * 1.7))
  entity.y = fround(wrap(entity.y + sin(way) * 1.7))
}

export const sees = (me, other) => abs(me.x - other.x) <= SIGHT && abs(me.y - other.y) <= SIGHT
const wrap = (value) => value - floor(value / SIZE) * SIZE
