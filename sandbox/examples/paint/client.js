// Paint, what a player sees. Own lines are drawn at once; everything else comes from the state.
const PAPER = '#fffaf0'
const COLORS = ['#23263a', '#e5484d', '#f5a524', '#f2d544', '#46a758', '#2fa8e0', '#7a5cf0', '#e36fb4', PAPER]
const ERASER = COLORS.length - 1
const SIZES = [4, 11, 28]
const PAPER_HEIGHT = 480
const { width, me } = gameAPI

gameAPI.createRect(width / 2, PAPER_HEIGHT / 2, width, PAPER_HEIGHT, { color: PAPER })
const paper = gameAPI.createCanvas(0, 0, width, PAPER_HEIGHT)

let state
let color = 0
let size = 1

// The tool bar: two rows of eight places. A button is a place and what a press does; `chosen` says when it has a ring.
const column = (i) => 52 + i * 76.6
const COLOR_ROW = 524
const TOOL_ROW = 596
const buttons = []
function addButton(x, y, art, press, chosen = () => false) {
  const ring = gameAPI.createCircle(x, y, 30, { color: '#ffffff', depth: 9, visible: false })
  art.depth = 10
  buttons.push({ x, y, ring, press, chosen })
}
const takeColor = (i) => {
  color = i
}
const takeSize = (i) => {
  size = i
}
for (let i = 0; i < ERASER; i++) {
  const art = gameAPI.createCircle(column(i), COLOR_ROW, 25, { color: COLORS[i], line: '#3a457a', lineWidth: 2 })
  addButton(
    column(i),
    COLOR_ROW,
    art,
    () => takeColor(i),
    () => color === i,
  )
}
for (let i = 0; i < SIZES.length; i++) {
  gameAPI.createCircle(column(i), TOOL_ROW, 25, { color: '#2c3765', depth: 9.5 })
  const art = gameAPI.createCircle(column(i), TOOL_ROW, SIZES[i] / 2 + 1, { color: '#f4f1e8' })
  addButton(
    column(i),
    TOOL_ROW,
    art,
    () => takeSize(i),
    () => size === i,
  )
}
function addTool(i, type, press, chosen) {
  addButton(column(i), TOOL_ROW, gameAPI.createSprite(type, column(i), TOOL_ROW), press, chosen)
}
addTool(
  3,
  'eraser',
  () => takeColor(ERASER),
  () => color === ERASER,
)
addTool(4, 'undo', () => gameAPI.send('undo'))
addTool(
  5,
  'clear',
  () => gameAPI.send('clear'),
  () => Boolean(state?.votes[me.id]),
)
const note = gameAPI.createText('', 478, TOOL_ROW, { size: 20, color: '#aab4e0', wrap: 150, originY: 0.5 })

// Everybody else's brush.
const cursors = gameAPI.group((player) =>
  gameAPI.createSprite('cursor', player.x, player.y, {
    tint: COLORS[player.color],
    depth: 5,
    originX: 0.1,
    originY: 0.1,
  }),
)
const names = gameAPI.group((player) =>
  gameAPI.createText(player.name.slice(0, 12), player.x, player.y, {
    size: 20,
    bold: true,
    color: COLORS[player.color],
    depth: 5,
  }),
)

gameAPI.onState((next) => {
  state = next
  const others = Object.fromEntries(Object.entries(state.players).filter(([id]) => id !== me.id))
  cursors.sync(others, (cursor, player) => cursor.moveTo(player.x, player.y))
  names.sync(others, (text, player) => text.moveTo(player.x + 20, player.y + 16))
  note.text = notice()
  // A stroke that is gone (undo, clear, faded) cannot be taken off the paper: start again with those that are left.
  if ([...drawn.keys()].some((id) => !state.strokes[id])) {
    drawn.clear()
    paper.clear()
  }
})

function notice() {
  const votes = Object.keys(state.votes).length
  const needed = Math.floor(Object.keys(state.players).length / 2) + 1
  if (votes > 0) return `Clear? ${votes} of ${needed} say yes`
  if (state.faded) return 'Paper full: old lines fade'
  const others = Object.keys(state.players).length - 1
  return others === 0 ? 'Just you so far' : `Painting with ${others} other${others === 1 ? '' : 's'}`
}

// How much of each stroke is on the paper already.
const drawn = new Map()
function drawNew(id) {
  const stroke = state.strokes[id]
  const done = drawn.get(id) ?? { length: 0, last: null }
  if (done.length === stroke.points.length) return false
  let { last } = done
  for (const point of stroke.points.slice(done.length).trim().split(' ')) {
    const [x, y] = point.split(',').map(Number)
    drawSegment(last ?? { x, y }, { x, y }, stroke)
    last = { x, y }
  }
  drawn.set(id, { length: stroke.points.length, last })
  return true
}

function drawSegment(from, to, brush) {
  paper.line(from.x, from.y, to.x, to.y, COLORS[brush.color], SIZES[brush.size])
  paper.circle(to.x, to.y, SIZES[brush.size] / 2, COLORS[brush.color]) // round ends, round corners
}

let pen = null // where the brush touches the paper now
let begin = false // the next message starts a new line
let unsent = []
let hover = null // where the mouse is without touching, until it is sent

gameAPI.onPointer((kind, pointerX, pointerY) => {
  const x = Math.round(Math.min(Math.max(pointerX, 0), width))
  const y = Math.round(Math.min(Math.max(pointerY, 0), PAPER_HEIGHT))
  if (kind === 'down' && pointerY > PAPER_HEIGHT) {
    const near = buttons.find((button) => Math.hypot(button.x - pointerX, button.y - pointerY) < 36)
    near?.press()
  } else if (kind === 'down') {
    begin = true
    addPoint({ x, y })
  } else if (kind === 'move' && pen) {
    if (Math.hypot(x - pen.x, y - pen.y) >= 3) addPoint({ x, y })
  } else if (kind === 'move') hover = { x, y }
  else {
    send()
    pen = null
  }
})

function addPoint(point) {
  drawSegment(pen ?? point, point, { color, size })
  pen = point
  unsent.push(`${point.x},${point.y}`)
  if (unsent.length === 30) send() // the server takes at most 30 points a message
}

function send() {
  if (unsent.length === 0) return
  gameAPI.send('draw', { color, size, points: unsent.join(' '), begin })
  unsent = []
  begin = false
}

gameAPI.onUpdate(() => {
  // One message for all points of the last three frames: 20 a second, where a message for each point would be hundreds.
  if (gameAPI.getFrame() % 3 === 0) send()
  if (hover && gameAPI.getFrame() % 6 === 0) {
    gameAPI.send('cursor', hover)
    hover = null
  }
  for (const button of buttons) button.ring.visible = button.chosen()

  // A big picture is drawn over several frames, so that it never stutters.
  let budget = 60
  for (const id in state?.strokes) {
    if (drawNew(id)) budget -= 1
    if (budget === 0) break
  }
})

gameAPI.onKey((key, down) => {
  if (!down) return
  if (key >= '1' && key <= '8') color = Number(key) - 1
  if (key === 'e') color = ERASER
  if (key === 'z') gameAPI.send('undo')
  if (key === 'up') size = Math.min(size + 1, SIZES.length - 1)
  if (key === 'down') size = Math.max(size - 1, 0)
})
gameAPI.onRefused((_action, why) => gameAPI.log(why))
