// The games a creator can start from, in a line each.
import type { Template } from '../lib/api.ts'

export const TEMPLATES: readonly { id: Template; name: string; text: string }[] = [
  { id: 'hello', name: 'Hello', text: 'Ships that fly about. Two short files: the best start.' },
  { id: 'pong', name: 'Pong', text: 'Two paddles, one ball, thirty steps a second.' },
  { id: 'tic-tac-toe', name: 'Tic-tac-toe', text: 'Turn by turn, with rules that the server keeps.' },
  { id: 'arena', name: 'Arena', text: 'Up to eight ships, bullets and scores.' },
  { id: 'paint', name: 'Paint', text: 'One canvas that everybody draws on.' },
  { id: 'sumo', name: 'Ice sumo', text: 'Without server.js: one player’s browser is the host.' },
]
