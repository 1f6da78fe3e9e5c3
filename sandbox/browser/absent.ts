// Advice beside the messages of errors: what web pages have and a game has not, and what it has instead (said when the code really asks for
// it: a library that only looks is let be); which name of gameAPI was meant; what cannot be assigned.

const PAGE = 'A game has no page: draw with gameAPI.createSprite, createText and the like.'
const STORAGE =
  'A game keeps nothing in the browser: keep it in the state of the room, or with room.store in server.js.'
const NETWORK = 'A game has no network of its own: gameAPI.send reaches server.js.'
const FRAME = 'Give your function to gameAPI.onUpdate, which calls it for each drawn frame.'
const TALK = 'Show text with gameAPI.createText, or write to the log with gameAPI.log.'
const MODULES = 'Write import … from "./file.js" for the game’s own files; there are no packages.'
const INSTEAD = new Map<string, string>([
  ...['document', 'window', 'HTMLElement', 'DOMParser'].map((name) => [name, PAGE] as const),
  ...['localStorage', 'sessionStorage', 'indexedDB', 'caches'].map((name) => [name, STORAGE] as const),
  ...['fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource', 'navigator', 'location', 'RTCPeerConnection'].map(
    (name) => [name, NETWORK] as const,
  ),
  ...['requestAnimationFrame', 'cancelAnimationFrame'].map((name) => [name, FRAME] as const),
  ...['alert', 'confirm', 'prompt'].map((name) => [name, TALK] as const),
  ...['require', 'module', 'exports', 'process', 'importScripts'].map((name) => [name, MODULES] as const),
  ['addEventListener', 'Use gameAPI.keys, gameAPI.onKey and gameAPI.onPointer.'],
  ['Image', 'Put the picture into the folder assets and name it: gameAPI.createSprite("ship", x, y).'],
  ['Audio', 'Put the sound into the folder assets and name it: gameAPI.playSound("bang").'],
  ['AudioContext', 'Put the sound into the folder assets and name it: gameAPI.playSound("bang").'],
  ['Worker', 'A game runs in one worker and cannot start another.'],
  ['WebAssembly', 'A game is JavaScript or TypeScript only.'],
])
const UNKNOWN = /^ReferenceError: (?:Can't find variable: )?([\w$]+)(?: is not defined)?$/

/** All of gameAPI; a test holds this against its examples. */
export const MEMBERS =
  `animation camera cleanUpOffscreen createCanvas createCircle createLine createRect createSprite createText destroySprite
  gamepads getFrame getInputs getState group height isHost keys log me onEnd onKey onMessage onPointer onRefused onState onUpdate physics playSound
  players pointer random send sendInput setBackground setState sheet stopSound touchControls touches tween volume width`.split(
    /\s+/,
  )
const NO_FUNCTION = /^TypeError: gameAPI\.([\w$]+) is not a function/
const READ_ONLY =
  /^TypeError: (?:Cannot assign to read only property '|Cannot set property |setting getter-only property ")(\w+)/
const MAX_TYPOS = 3

/** The message of an error, with advice when a name is missing that only web pages have, or one of gameAPI is misspelt or assigned to. */
export function advised(message: string): string {
  const advice =
    INSTEAD.get(UNKNOWN.exec(message)?.[1] ?? '') ?? meant(NO_FUNCTION.exec(message)?.[1]) ?? readOnly(message)
  return advice === undefined ? message : `${message}. ${advice}`
}

function meant(name: string | undefined): string | undefined {
  if (name === undefined || name.length > 40) return undefined
  if (MEMBERS.includes(name)) return `gameAPI.${name} is there, but it is a value: read it without ( ).`
  const [best] = MEMBERS.map((member) => ({ member, typos: typos(name.toLowerCase(), member.toLowerCase()) })).sort(
    (a, b) => a.typos - b.typos,
  )
  return best!.typos <= MAX_TYPOS ? `Did you mean gameAPI.${best!.member}?` : undefined
}

function readOnly(message: string): string | undefined {
  const name = READ_ONLY.exec(message)?.[1] ?? ''
  if (name === 'width' || name === 'height') return 'The size of the picture is set in game.json.'
  return MEMBERS.includes(name) ? `gameAPI.${name} can be read and not be replaced.` : undefined
}

/** How many letters have to be added, taken away or changed. */
function typos(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let k = 1; k <= b.length; k++)
      next.push(Math.min(next[k - 1]! + 1, row[k]! + 1, row[k - 1]! + (a[i - 1] === b[k - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length]!
}
