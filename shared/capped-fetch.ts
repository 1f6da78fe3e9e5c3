// fetch towards a machine that may be hostile: no redirect is followed, and no answer is longer than the caller can use.

/** Like fetch; rejects when the body has more than `maxBytes`. The signal of `init` ends the reading of the body too. */
export function cappedFetch(maxBytes: number) {
  return async (url: RequestInfo | URL, init?: object): Promise<Response> => {
    const response = await fetch(url, { ...init, redirect: 'error' })
    const chunks: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of response.body ?? []) {
      bytes += chunk.byteLength
      if (bytes > maxBytes) throw new Error(`the answer has more than ${maxBytes} bytes`) // leaving the loop cancels the body
      chunks.push(chunk)
    }
    const empty = response.status === 204 || response.status === 205 || response.status === 304
    return new Response(empty ? null : Buffer.concat(chunks), { status: response.status, headers: response.headers })
  }
}
