// What travels between a player's browser and a game host, and between the website's page and the runtime in its iframe.
// Types only: it is imported by both browsers, the host and the website.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

export interface Player {
  id: string
  name: string
}
export interface SeatedPlayer extends Player {
  connected: boolean
}

/** An error in a creator's code, with the place in the creator's own file when it is known (line and column from 1). */
export interface CodeProblem {
  message: string
  file?: string | undefined
  line?: number | undefined
  column?: number | undefined
  stack?: string | undefined
}

/** What a runtime needs to show a build. URLs are relative to the game's page. */
export interface ClientBuild {
  build: string
  /** Module to import in the worker, `build/HASH/client.js`. */
  entry: string
  title: string
  width: number
  height: number
  background: string
  /** Frames a second of the server; 0 for a game that steps only on events. */
  tickRate: number
  /** The game has no server.js: its host keeps the state, which the room passes on (relay.ts). */
  relay: boolean
  /** Its players' browsers may connect to each other. */
  peers: boolean
  /** Asset name (file name without extension) to its URL. */
  images: Record<string, string>
  sounds: Record<string, string>
}

/** Lines of code around an error; the first one has the number `from`. */
export interface CodeExcerpt {
  from: number
  lines: string[]
}

// Runtime -> host
export type ClientMessage =
  | { t: 'hello'; v: number; ticket?: string; resume?: string; name?: string }
  | { t: 'act'; a: string; d?: Json }
  | { t: 'leave' }
  /** Answered with `pong` at once. */
  | { t: 'ping'; n: number }
  /** Whether the game stands still in this browser: its page sleeps in the background, or its code waits for the player. */
  | { t: 'away'; away: boolean }
  /** For the browser of another player of the room. */
  | { t: 'signal'; to: string; d: string }
  | ClientProblem

/** A mistake of client code in this player's browser, for the game's creator. Anybody can make one up. `line` from 1. */
export interface ClientProblem {
  t: 'problem'
  build: string
  message: string
  file?: string
  line?: number
}

// Host -> runtime
export type ServerMessage =
  | { t: 'welcome'; v: number; room: string; me: Player; resume: string; seed: number; client: ClientBuild }
  | { t: 'full'; f: number; s: Json }
  /** `d`: how it became `s`, where that is wanted. */
  | { t: 'delta'; f: number; s: Json; d?: Patch | undefined }
  | { t: 'players'; p: SeatedPlayer[]; host: string | null }
  | { t: 'msg'; m: Json }
  | { t: 'refused'; a: string; why: string }
  | { t: 'pong'; n: number }
  /** Nothing new, to a player who has been quiet for a while: the connection lives. */
  | { t: 'beat' }
  | { t: 'signal'; from: string; d: string }
  | { t: 'build'; client: ClientBuild }
  | { t: 'error'; e: CodeProblem }
  | { t: 'end'; result: Json }

/** How one JSON container turned into another; see delta.ts. `s` set, `d` deleted keys, `p` patched inside, `l` new length of an array. */
export interface Patch {
  s?: Record<string, Json>
  d?: string[]
  p?: Record<string, Patch>
  l?: number
  /** The whole value was replaced: the root is not a container, or changed its kind. */
  v?: Json
}

// The website's page <-> the runtime. The runtime posts READY to its parent with one end of a MessageChannel;
// everything else, the ticket too, travels on that channel only, which no other window can reach.
export type PageToRuntime =
  | { type: 'TICKET'; ticket: string }
  | { type: 'PAUSE' }
  /** Goes on, also after a mistake of the game. */
  | { type: 'RESUME' }
  | { type: 'LEAVE' }
  /** The game's code from the start, in a new worker; `entry` (`build/HASH/client.js`) is that of another build, for this player alone. */
  | { type: 'LOAD_CODE'; entry?: string | undefined }
  /** Exactly these keys are held down where the page has the focus. */
  | { type: 'PLAYER_INPUT'; keys: string[] }
  /** The game is shown this state instead of the room's, until LOAD_CODE. */
  | { type: 'STATE_UPDATE'; state: Json }
  /** Which of INPUT and STATE the page wants to hear. */
  | { type: 'WATCH'; input: boolean; state: boolean }
  /** Which players are connected directly, and how long a message to them and back takes, on average. */
  | { type: 'PEERS'; open: string[]; roundTripMs: number | null }
  | { type: 'SIGNAL'; player: string; data: string }
  /** What came over direct connections. */
  | { type: 'PEER_DATA'; messages: { from: string; data: Uint8Array<ArrayBuffer> }[] }
export type RuntimeToPage =
  | { type: 'STATUS'; status: RuntimeStatus; text: string }
  | { type: 'PLAYERS'; players: SeatedPlayer[]; me: string }
  | { type: 'TITLE'; title: string; width: number; height: number }
  | { type: 'ERROR'; side: 'client' | 'server'; problem: CodeProblem; code?: CodeExcerpt }
  | { type: 'LOG'; text: string }
  | { type: 'BUILD'; build: string }
  | { type: 'END'; result: Json }
  /** The runtime has no seat any more and needs a new ticket. */
  | { type: 'TICKET_NEEDED' }
  /** The player's keys changed; `frame` is the room's. Only when watched. */
  | { type: 'INPUT'; frame: number; keys: string[] }
  /** The state as the game sees it, a few times a second. Only when watched. */
  | { type: 'STATE'; frame: number; state: Json }
  /** Once a second while the runtime lives; `frame` counts what the game was asked to draw. */
  | { type: 'HEARTBEAT'; frame: number }
  /** Once a second of play. */
  | RuntimeStats
  /** Whom to connect to directly: the host to all others, all others to the host. Only in games that want it. */
  | { type: 'PEERS'; me: string; host: string | null; players: string[] }
  | { type: 'SIGNAL'; player: string; data: string }
  /** For everybody who is connected directly. May be lost. */
  | { type: 'PEER_DATA'; data: Uint8Array<ArrayBuffer> }
export interface RuntimeStats {
  type: 'STATS'
  fps: number
  frameMs: number
  things: number
  sounds: number
  /** What the game asked for in vain. */
  dropped: number
  /** Messages of the page that were unknown, malformed or too many. */
  ignored: number
  /** From this page to the room and back; null until it was measured. */
  roomMs: number | null
  /** The same to the players who are connected directly, on average; null while there are none. */
  peersMs: number | null
  /** How many those are. */
  peers: number
}
export type RuntimeStatus = 'connecting' | 'playing' | 'reconnecting' | 'ended' | 'refused'
