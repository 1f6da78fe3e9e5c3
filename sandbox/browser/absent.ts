// What web pages have and a game has not, and what it has instead. Said when the code really asks for it: a library that only looks is let be.

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

/** The message of an error, with advice when a name is missing that only web pages have. */
export function advised(message: string): string {
  const advice = INSTEAD.get(UNKNOWN.exec(message)?.[1] ?? '')
  return advice === undefined ? message : `${message}. ${advice}`
}
