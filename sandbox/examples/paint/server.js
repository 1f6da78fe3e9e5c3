// Paint, the keeper of the picture. The state holds every stroke, so who joins later draws the same picture.
// It must not grow for ever: a stroke's text, the number of strokes and the length of a message all have a limit.
const WIDTH = 640
const HEIGHT = 480
const COLORS = 9 // the last one is the eraser: it paints with the colour of the paper
const SIZES = 3
const MAX_STROKES = 1000
const FADE = 50 // so many of the oldest strokes go at once when the paper is full
const LONG = 160 // characters; a longer stroke goes on as a new one
const POINTS = /^\d{1,3},\d{1,3}( \d{1,3},\d{1,3}){0,29}$/ // '12,34 15,36': one to thirty points

export const setup = () => ({ players: {}, strokes: {}, nextStroke: 1, faded: false, votes: {} })

export function join(state, player) {
  const taken = Object.values(state.players).map((each) => each.color)
  const color = Array.from({ length: COLORS - 1 }, (_, i) => i).find((i) => !taken.includes(i)) ?? 0
  state.players[player.id] = { name: player.name, color, x: WIDTH / 2, y: HEIGHT / 2, stroke: null }
}

export function leave(state, player) {
  delete state.players[player.id]
  delete state.votes[player.id]
  countVotes(state)
}

export const actions = {
  /** The next points of a line. `begin` is true for the first ones after the brush touched the paper. */
  draw(state, player, { color, size, points, begin }) {
    if (!isIndex(color, COLORS) || !isIndex(size, SIZES)) throw new Error('There is no such brush.')
    if (typeof points !== 'string' || !POINTS.test(points)) throw new Error('Points look like "12,34 15,36".')
    const me = state.players[player.id]
    const stroke = state.strokes[me.stroke]
    if (stroke && begin !== true && stroke.points.length < LONG && stroke.color === color && stroke.size === size) {
      stroke.points += ` ${points}`
    } else {
      const goesOn = stroke && begin !== true
      me.stroke = state.nextStroke++
      state.strokes[me.stroke] = {
        by: player.id,
        begin: !goesOn,
        color,
        size,
        points: goesOn ? `${lastPoint(stroke)} ${points}` : points,
      }
      fadeOldest(state)
    }
    const [x, y] = lastPoint(state.strokes[me.stroke]).split(',').map(Number)
    Object.assign(me, { x, y })
    delete state.votes[player.id] // who paints does not want the paper cleared
  },
  cursor(state, player, { x, y }) {
    if (!Number.isFinite(x) || !Number.isFinite(y)) throw new Error('A cursor needs x and y.')
    Object.assign(state.players[player.id], { x: clamp(x, WIDTH), y: clamp(y, HEIGHT) })
  },
  /** Takes back this player's last line. */
  undo(state, player) {
    const mine = Object.keys(state.strokes).filter((id) => state.strokes[id].by === player.id)
    for (const id of mine.reverse()) {
      const { begin } = state.strokes[id]
      delete state.strokes[id]
      if (begin) return
    }
  },
  /** A vote to clear the paper; more than half of the players must want it. A second press takes the vote back. */
  clear(state, player) {
    if (state.votes[player.id]) delete state.votes[player.id]
    else state.votes[player.id] = true
    countVotes(state)
  },
}

const isIndex = (value, length) => Number.isInteger(value) && value >= 0 && value < length
const clamp = (value, max) => Math.round(Math.min(Math.max(value, 0), max))
const lastPoint = ({ points }) => points.slice(points.lastIndexOf(' ') + 1)

function countVotes(state) {
  if (Object.keys(state.votes).length * 2 <= Object.keys(state.players).length) return
  Object.assign(state, { strokes: {}, votes: {}, faded: false })
}

function fadeOldest(state) {
  const ids = Object.keys(state.strokes) // whole numbers as keys are always in rising order: the oldest come first
  if (ids.length <= MAX_STROKES) return
  for (const id of ids.slice(0, FADE)) delete state.strokes[id]
  state.faded = true
}
