// Assets of a game as bytes, none larger than it may be: the host checks that too, but a player's memory is ours to guard.
import { MAX_FILE_BYTES } from '@sandlot/shared/limits.ts'

/** Rejects with a reason when the asset is missing, too large or out of reach. */
export async function fetchAsset(url: string): Promise<Blob> {
  const response = await fetch(url, { credentials: 'omit' })
  if (!response.ok) throw new Error(`the host answered ${response.status}`)
  const type = response.headers.get('content-type') ?? ''
  const parts: Uint8Array<ArrayBuffer>[] = []
  let bytes = 0
  const reader = response.body!.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return new Blob(parts, { type })
    bytes += value.byteLength
    if (bytes > MAX_FILE_BYTES) {
      await reader.cancel()
      throw new Error(`it is larger than ${MAX_FILE_BYTES / 1024 / 1024} MB`)
    }
    parts.push(value as Uint8Array<ArrayBuffer>)
  }
}
