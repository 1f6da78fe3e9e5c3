// Every wait, size and rate that more than one part of Sandlot must agree on. Units are in the names.

// A creator's files
export const MAX_GAME_FILES = 500
export const MAX_FOLDER_ENTRIES = 5_000 // names below a game's folder that anybody looks at, hidden ones and folders too
export const MAX_FILE_BYTES = 5 * 1024 * 1024 // one asset; a 5 MB picture is already slow on a phone
export const MAX_SOURCE_BYTES = 1024 * 1024 // one .js or .ts file; parsing more than this costs seconds
export const MAX_GAME_BYTES = 50 * 1024 * 1024
export const MAX_FOLDER_DEPTH = 8
export const MAX_UPLOAD_BYTES = 2 * MAX_GAME_BYTES // in a game's folder, part of the game or not: room to put a new version beside the old one
export const MAX_UPLOAD_DEPTH = 16
export const MAX_CREATOR_BYTES = 1024 * 1024 * 1024 // in the folders of all games of a creator together, unless the operator says another amount
export const MAX_CREATOR_ENTRIES = 50_000 // names in those; to look at as many takes some seconds
export const MAX_MANIFEST_BYTES = 64 * 1024
export const MAX_PATH_LENGTH = 200

// A build
export const BUILD_MEMORY_MIB = 704 // of the child, and a room's memory on top: 256 for parsing, the rest for a room that runs away while it loads
export const BUILD_CPU_MS = 5_000 // of processor time for reading, parsing and trying a game; past this the child is killed
export const BUILD_TIMEOUT_MS = 20_000 // the same on a clock: a machine with much to do makes a build late, not wrong
export const BUILD_TRIES = 3 // of one that was late: it has done nothing wrong
export const MAX_BUILD_BYTES = 64 * 1024 * 1024 // of code, with its guards and maps; about what can be parsed in BUILD_CPU_MS
export const SETTLE_MS = 30 // quiet time after the last change of a file before a build starts

// A room
export const DEFAULT_TICK_RATE = 20
export const MAX_TICK_RATE = 60
export const DEFAULT_MAX_PLAYERS = 8
export const MAX_PLAYERS = 100
export const SEAT_HOLD_MS = 30_000 // a dropped player's seat waits this long
export const HOST_GRACE_MS = 3_000 // a host whose connection drops stays host this long: a page is loaded anew in less
export const EMPTY_ROOM_MS = 60_000 // a room nobody has a seat in ends after this
export const CHECKPOINT_MS = 2_000 // how much of a room is lost at most when its isolate has to be thrown away
export const MAX_LATE_MS = 250 // a frame loop later than this skips frames instead of catching up
export const MAX_ROOMS_PER_GAME = 500
export const MAX_PLAYERS_PER_GAME = 5_000 // seats of all rooms together
export const MAX_STATE_BYTES = 1024 * 1024 // the room's state as JSON
export const MAX_FRAME_OUTPUT_CHARS = 4 * 1024 * 1024 // all that leaves the isolate in one frame
export const MAX_FRAME_INPUT_CHARS = 256 * 1024 // all actions that wait for one frame of a room, as their messages
export const MAX_STATE_DEPTH = 64 // deeper state is a cycle or a mistake
export const MAX_LOG_CHARS = 2_000 // one line
export const MAX_LOG_LINES_PER_FRAME = 20
export const MAX_FAULTS_PER_FRAME = 5 // mistakes in actions that are told to the creator
export const MAX_FRAME_MESSAGES = 1_000 // ten to each of the most players a room can have
export const LOG_LINES_PER_SECOND = 20 // of a room, in the long run; more than a person can follow
export const LOG_BURST = 100
export const LOG_BYTES_PER_SECOND = 4_000 // of a room, in the long run
export const MAX_RESULT_CHARS = 64 * 1024 // what room.end hands over, as JSON
export const MAX_HOST_STATE_CHARS = 64 * 1024 // JSON of the state of a game without server.js: a second of its host's bytes
export const MAX_INPUT_CHARS = 1_000 // JSON of one gameAPI.sendInput
export const MAX_SIGNAL_CHARS = 8_000 // what two players' browsers tell each other to connect; one description is about 1,000
export const SIGNALS_PER_SECOND = 2 // of one player
export const SIGNAL_BURST = 64 // a host answers a whole room that comes at once
export const MAX_PROBLEM_CHARS = 500 // of a mistake in client code, as a player's browser tells it
export const MAX_PROBLEM_LINE = 9_999_999
export const MAX_ROOM_PROBLEMS = 20 // different ones of a build that a room's log has; more are counted
export const MAX_OWN_PROBLEMS = 5 // of which one player is the first to tell
export const PROBLEM_REPEAT_MS = 5_000 // before a line says how many more players have seen one
export const PLAYER_PROBLEMS_PER_MINUTE = 10 // told by one player
export const ROOM_PROBLEMS_PER_MINUTE = 120 // told by all players of a room: each of a full one may tell one that all see
export const MAX_PEERS = 32 // direct connections of one page; everybody else plays through the room alone
export const MAX_PEER_BYTES = 16 * 1024 // one message between two browsers
export const MAX_STORE_BYTES = 64 * 1024 // all that a game keeps through room.store, as JSON
export const MAX_STORE_KEY_CHARS = 128
export const MAX_STORE_NAMES = 1_000 // a row each
export const ISOLATE_MEMORY_MIB = 64
export const PROCESS_MEMORY_MIB = 1_024 // of a game host: 60 for itself, 2 to 4 a room, and one room that runs away

// CPU
export const LOAD_TIMEOUT_MS = 500 // top level of server.js, setup and migrate
export const FRAME_TIMEOUT_MS = 250 // join, leave, actions, tick and view of one frame
export const CPU_MS_PER_SECOND = 200 // of one room in the long run: 10 ms a frame at 20 Hz
export const CPU_CREDIT_MS = 1_000 // what a room may save up for a frame that takes longer
export const STALL_MS = 1_500 // a host whose frame loop is silent this long is killed
export const MAX_STUCK = 3 // a room that runs out of time this often in a row ends
export const MAX_CRASHES = 5 // a game whose process dies this often within CRASH_MEMORY_MS is not started again by itself
export const CRASH_MEMORY_MS = 10 * 60_000

// A player's browser
export const LOOP_LIMIT_MS = 3_000 // one task of client code; less than the silence after which its worker is stopped
export const AWAIT_LIMIT_MS = 4_000 // one `await` at the top level of client code: until it is over there is no game

// Players' sockets
export const MAX_CLIENT_MESSAGE_BYTES = 16 * 1024
export const MESSAGES_PER_SECOND = 60 // sustained; more than one a drawn frame is never useful
export const MESSAGES_SAID_AT_ONCE = 120 // by a page
export const MESSAGE_BURST = 300 // what it said comes all together when a network or a machine was held up, here for up to 3 s
export const PLAYER_BYTES_PER_SECOND = 64 * 1024 // sustained
export const PLAYER_BYTES_BURST = 256 * 1024 // sixteen of the largest messages at once
export const MAX_FRAGMENTS = 16 // of one message; browsers send one of this size in one piece
export const HELLO_TIMEOUT_MS = 5_000
export const PING_MS = 10_000
export const CLIENT_PING_MS = 5_000 // where something goes on
export const SILENCE_MS = 20_000 // a peer that has answered nothing for this long is gone
export const CLOSE_MS = 1_000 // how long a peer may take to read why it is closed
export const MAX_BUFFERED_BYTES = 1024 * 1024 // unsent bytes of a slow reader; past this it gets nothing until it has read them
export const MAX_LAG_MS = 10_000 // a slow reader that has not caught up by then is closed
export const MAX_UNSENT_BYTES = 64 * 1024 * 1024 // of all players of a game together; past this the slowest are closed
export const MAX_NAME_CHARS = 32

// Connections of one address: an IPv4 address, or an IPv6 network of 64 bits. Schools and mobile networks share one.
export const MAX_SOCKETS_PER_ADDRESS = 200 // players of one game
export const NEW_SOCKETS_PER_SECOND = 20 // sustained; as many as may be open at once
export const CONNECTIONS_PER_SOCKET = 2 // all that an address may have open on a TCP port, for each socket of a player: its page is fetched too
export const NEW_CONNECTIONS_PER_SOCKET = 5 // the same for new ones
export const MAX_CONNECTIONS = 10_000 // of one listening socket

// HTTP of a game
export const MAX_HEADER_BYTES = 16 * 1024
export const MAX_HEADERS = 100
export const HEADERS_TIMEOUT_MS = 5_000 // from the first byte of a request to the end of its headers
export const REQUEST_TIMEOUT_MS = 10_000 // a request has no body here
export const KEEP_ALIVE_MS = 5_000
export const HTTP_CHECK_MS = 1_000 // how late the two above may be
export const HTTP_IDLE_MS = 30_000 // an answer of which nothing is read

// Tickets
export const TICKET_TTL_S = 60

// Doors
export const DOOR_TIMEOUT_MS = 10_000
export const MAX_DOOR_BODY_BYTES = 8 * 1024 * 1024 // a file of MAX_FILE_BYTES in base64, and its envelope
export const MAX_ANSWER_BYTES = 4 * 1024 * 1024 // of any answer that has no file in it; the last 200 log lines of a game are the largest
export const CALLS_PER_SECOND = 200 // of one caller; a node with 500 busy rooms makes some tens
export const REPORTS_PER_MINUTE = 600 // of one game: builds, log batches and writes to its store; all at once if need be
export const LOG_BYTES_PER_MINUTE = 8 * 1024 * 1024 // of one game; its log keeps the last thousand lines
export const MAX_LINK_LINE_CHARS = 2 * 1024 * 1024 // one message between a game host and its supervisor
