// The rules of W4: two players, nine cells, no tick. Every target runs this file.
export const TICK_RATE = 0
export const PLAYERS = 2
export const CELLS = 9
export const TABLES = {
  board: { turn: 'uint32', ...Object.fromEntries(Array.from({ length: CELLS }, (_, i) => [`c${i}`, 'uint8'])) },
}

export const newBoard = () => Object.fromEntries(Object.keys(TABLES.board).map((name) => [name, 0]))
/** Marks a cell; `seq` counts the actions of both players together, so both can see when one has arrived. */
export function mark(board, { cell, seq }) {
  board[`c${cell % CELLS}`] = (seq % 2) + 1
  board.turn = seq
}
