// Tic-tac-toe, the referee. There is no `tick`: the game only moves when somebody does something.
// A robot plays every mark that no player has taken.
const LINES = ['012', '345', '678', '036', '147', '258', '048', '246'].map((line) => [...line].map(Number))
const other = (mark) => (mark === 'X' ? 'O' : 'X')
const robot = () => ({ id: null, name: 'Robot', wins: 0, ready: false })

export const setup = () => ({
  seats: { X: robot(), O: robot() },
  board: Array(9).fill(''),
  first: 'X', // who began this round
  turn: 'X',
  winner: null, // 'X', 'O' or 'draw' when the round is over
  line: null, // the three winning squares
})

export function join(state, player, room) {
  const mark = state.seats.X.id === null ? 'X' : 'O'
  state.seats[mark] = { ...robot(), id: player.id, name: player.name }
  state.seats[other(mark)].wins = 0
  newRound(state, mark, room)
}

export function leave(state, player, room) {
  const mark = markOf(state, player)
  state.seats[mark] = robot()
  state.seats[other(mark)].wins = 0
  newRound(state, other(mark), room)
}

// A throw refuses the action: nothing changes, and only the player who asked gets to read the reason.
export const actions = {
  place(state, player, square, room) {
    if (state.winner) throw new Error('This round is over.')
    if (state.turn !== markOf(state, player)) throw new Error('Wait, it is not your turn.')
    if (!Number.isInteger(square) || square < 0 || square > 8) throw new Error('Choose one of the nine squares.')
    if (state.board[square]) throw new Error('That square is taken.')
    place(state, square)
    playRobot(state, room)
  },
  rematch(state, player, _data, room) {
    if (!state.winner) throw new Error('Finish this round first.')
    state.seats[markOf(state, player)].ready = true
    if (Object.values(state.seats).every((seat) => seat.ready || seat.id === null)) {
      newRound(state, other(state.first), room)
    }
  },
}

const markOf = (state, player) => (state.seats.X.id === player.id ? 'X' : 'O')

function newRound(state, first, room) {
  Object.assign(state, { board: Array(9).fill(''), first, turn: first, winner: null, line: null })
  for (const seat of Object.values(state.seats)) seat.ready = false
  playRobot(state, room)
}

function place(state, square) {
  const { board, turn } = state
  board[square] = turn
  state.turn = other(turn)
  state.line = LINES.find((line) => line.every((i) => board[i] === turn)) ?? null
  if (state.line) {
    state.winner = turn
    state.seats[turn].wins += 1
  } else if (board.every((mark) => mark)) state.winner = 'draw'
}

function playRobot(state, room) {
  if (!state.winner && state.seats[state.turn].id === null) place(state, robotSquare(state, room))
}

/** Wins if it can, blocks if it must, else guesses: it never sees a fork coming, so it can be beaten. */
function robotSquare({ board, turn }, room) {
  const free = board.flatMap((mark, i) => (mark ? [] : [i]))
  for (const mark of [turn, other(turn)]) {
    const completes = (square) =>
      LINES.some((line) => line.every((i) => i === square || board[i] === mark) && line.includes(square))
    const square = free.find(completes)
    if (square !== undefined) return square
  }
  return free[Math.floor(room.random() * free.length)]
}
