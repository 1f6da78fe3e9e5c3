// sfc32, the "small fast counting" generator of Chris Doty-Humphrey's PractRand 0.93, seeded from one 32-bit number.

/** A function that gives 0 <= n < 1; equal seeds give equal sequences on every machine. */
export function seededRandom(seed: number): () => number {
  let a = seed >>> 0
  let b = 0x9e3779b9 // the golden ratio's bits: no pattern a seed could cancel out
  let c = 0x243f6a88 // those of pi
  let counter = 1
  const next = () => {
    const t = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + t
    return t >>> 0
  }
  for (let i = 0; i < 15; i++) next() // PractRand's warm-up: seeds that differ in one bit must not start alike
  return () => next() / 2 ** 32
}
