/**
 * What Node must be started with to hold isolates: isolated-vm asks for the first, and the second keeps out a syntax whose bug crashes V8 13.6.
 * The last: a signal opens no debugger.
 */
export const NODE_FLAGS = [
  '--no-node-snapshot',
  '--no-js-explicit-resource-management',
  '--disable-warning=ExperimentalWarning',
  '--disable-sigusr1',
] as const

/** Begins the line that a host writes to its error output when it ends itself; the rest of the line says why. */
export const LAST_WORDS = 'sandlot-host: this process ends: '

/**
 * The signals that a host ends itself with, for a supervisor that cannot read that line: each ends a process at once whatever its threads
 * do, as SIGKILL does, which follows.
 */
export const LAST_SIGNALS = { silent: 'SIGALRM', memory: 'SIGUSR2', broken: 'SIGVTALRM' } as const

/** The same of a process that makes a build (build/watchdog.ts); the last is that of an isolate in it. */
export const BUILD_SIGNALS = {
  memory: LAST_SIGNALS.memory,
  time: LAST_SIGNALS.silent,
  stuck: LAST_SIGNALS.broken,
} as const
