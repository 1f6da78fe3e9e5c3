// Tic-tac-toe, what a player sees. The board is drawn from the server's state alone: nothing here decides who won.
const { width, me } = gameAPI
const COLORS = { X: '#ff7a6b', O: '#41d3bd' }
const SIZE = 132 // of a square, with its gap
const LEFT = (width - 3 * SIZE) / 2
const TOP = 112
const BUTTON = { x: width / 2, y: 582, width: 220, height: 52 }

const center = (square) => ({ x: LEFT + SIZE * ((square % 3) + 0.5), y: TOP + SIZE * (Math.floor(square / 3) + 0.5) })
const middle = { originX: 0.5, originY: 0.5 }

const squares = Array.from({ length: 9 }, (_, i) =>
  gameAPI.createRect(center(i).x, center(i).y, SIZE - 10, SIZE - 10, { color: '#202a50' }),
)
const plates = ['X', 'O'].map((mark, i) => {
  const x = width * (0.275 + i * 0.45)
  gameAPI.createSprite(mark, x - 70, 56, { scale: 0.4 })
  return {
    mark,
    name: gameAPI.createText('', x - 42, 42, { size: 24, bold: true, color: COLORS[mark], originY: 0.5 }),
    wins: gameAPI.createText('', x - 42, 72, { size: 20, color: '#aab4e0', originY: 0.5 }),
    bar: gameAPI.createRect(x, 98, 180, 4, { color: COLORS[mark] }), // under the name of the one whose turn it is
  }
})
const strike = gameAPI.createRect(0, 0, 1, 12, { color: '#ffd166', depth: 2, visible: false })
const status = gameAPI.createText('', width / 2, 534, { size: 26, bold: true, ...middle })
const button = gameAPI.createRect(BUTTON.x, BUTTON.y, BUTTON.width, BUTTON.height, { color: '#ffd166', visible: false })
const label = gameAPI.createText('', BUTTON.x, BUTTON.y, { size: 24, color: '#141a33', bold: true, ...middle })
const hint = gameAPI.createText('', BUTTON.x, BUTTON.y, { size: 20, color: '#aab4e0', ...middle })

// One sprite for each mark on the board; new ones pop in (see onUpdate).
const marks = gameAPI.group(({ mark, square }) => {
  const { x, y } = center(square)
  return gameAPI.createSprite(mark, x, y, { scale: 0.1 })
})

let state // the newest one from the server
gameAPI.onState((next) => {
  state = next
  marks.sync(state.board.map((mark, square) => ({ id: `${mark}${square}`, mark, square })).filter(({ mark }) => mark))
  for (const { mark, name, wins, bar } of plates) {
    const seat = state.seats[mark]
    name.text = seat.id === me.id ? 'You' : seat.name.slice(0, 11)
    wins.text = seat.wins === 1 ? '1 win' : `${seat.wins} wins`
    bar.visible = !state.winner && state.turn === mark
  }
  showLine()
  say(headline())
  button.visible = Boolean(state.winner)
  label.text = state.winner ? (mine().ready ? 'Waiting…' : 'Play again') : ''
  const robot = Object.values(state.seats).some((seat) => seat.id === null)
  hint.text = robot && !state.winner ? 'A friend who joins takes the robot’s seat' : ''
})

const myMark = () => (state.seats.X.id === me.id ? 'X' : 'O')
const mine = () => state.seats[myMark()]

function headline() {
  if (state.winner === 'draw') return 'A draw!'
  if (state.winner) return state.winner === myMark() ? 'You win!' : `${state.seats[state.winner].name} wins!`
  return state.turn === myMark() ? 'Your turn' : `${state.seats[state.turn].name} is thinking…`
}

function say(text, color = '#f4f1e8') {
  status.text = text
  status.color = color
}

function showLine() {
  const isNew = state.line && !strike.visible
  strike.visible = Boolean(state.line)
  if (!isNew) return
  const from = center(state.line[0])
  const to = center(state.line[2])
  strike.x = (from.x + to.x) / 2
  strike.y = (from.y + to.y) / 2
  strike.rotation = Math.atan2(to.y - from.y, to.x - from.x)
  strike.width = 1 // grows in onUpdate
  strikeLength = Math.hypot(to.x - from.x, to.y - from.y) + 90
}

let strikeLength = 0
let cursor = 4 // the square under the mouse, or chosen with the arrow keys
gameAPI.onUpdate(() => {
  marks.forEach((mark) => {
    mark.scale += (1 - mark.scale) * 0.2
  })
  if (strike.visible) strike.width += (strikeLength - strike.width) * 0.12
  squares.forEach((square, i) => {
    const open = state && !state.winner && !state.board[i] && state.turn === myMark()
    if (state?.line?.includes(i)) square.color = '#4b4377'
    else square.color = open && i === cursor ? '#34427c' : '#202a50'
  })
})

// The server says no by throwing; its text arrives here.
gameAPI.onRefused((_action, why) => say(why, '#ffd166'))

const choose = (square) => gameAPI.send('place', square)

gameAPI.onPointer((kind, x, y) => {
  const column = Math.floor((x - LEFT) / SIZE)
  const row = Math.floor((y - TOP) / SIZE)
  const onBoard = column >= 0 && column < 3 && row >= 0 && row < 3
  if (onBoard) cursor = row * 3 + column
  if (kind !== 'down' || !state) return
  if (state.winner) {
    const inside = Math.abs(x - BUTTON.x) < BUTTON.width / 2 && Math.abs(y - BUTTON.y) < BUTTON.height / 2
    if (inside) gameAPI.send('rematch')
  } else if (onBoard) choose(cursor)
})

gameAPI.onKey((key, down) => {
  if (!down || !state) return
  if (key >= '1' && key <= '9') choose(Number(key) - 1)
  if (key === 'left' && cursor % 3 > 0) cursor -= 1
  if (key === 'right' && cursor % 3 < 2) cursor += 1
  if (key === 'up' && cursor > 2) cursor -= 3
  if (key === 'down' && cursor < 6) cursor += 3
  if (key === 'space' || key === 'enter') state.winner ? gameAPI.send('rematch') : choose(cursor)
})
