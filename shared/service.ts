// The life of a service process: start, serve until told to stop, stop backwards. For servers on Node only.
import { execFile } from 'node:child_process'

/**
 * Runs `start`, which puts all it starts on `stack`. SIGTERM, SIGINT or the death of a parent that opened a channel to us stop it;
 * `stopping` then ends what `start` may still wait for. A throw of `start` prints its message and ends the process with code 1.
 * Under systemd it is a unit of Type=notify with NotifyAccess=all.
 */
export function runService(start: (stack: AsyncDisposableStack, stopping: AbortSignal) => Promise<void>): void {
  const stack = new AsyncDisposableStack()
  const stopping = new AbortController()

  async function stop(code: number): Promise<void> {
    if (stopping.signal.aborted) return
    stopping.abort()
    try {
      await stack.disposeAsync()
      process.exit(code)
    } catch (error) {
      process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
      process.exit(1)
    }
  }

  process.on('SIGTERM', () => stop(0))
  process.on('SIGINT', () => stop(0))
  process.on('disconnect', () => stop(0))
  start(stack, stopping.signal)
    .then(() => tellReady())
    .catch((error) => {
      if (stopping.signal.aborted) return
      process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
      stop(1)
    })
}

/** Tells systemd, if that is who started us, that what depends on us may start. Its own program does it: Node speaks no datagrams over unix sockets. */
function tellReady(): Promise<void> {
  if (!process.env.NOTIFY_SOCKET) return Promise.resolve()
  return new Promise((resolve, reject) =>
    execFile('systemd-notify', ['--ready'], (error) =>
      error ? reject(new Error(`systemd could not be told that this service is ready: ${error.message}`)) : resolve(),
    ),
  )
}
