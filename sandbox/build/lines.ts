// Lines and columns of a source as JavaScript engines count them in a stack: \r, U+2028 and U+2029 end a line, too.

export class Lines {
  readonly #starts = [0]

  constructor(source: string) {
    for (const { 0: end, index } of source.matchAll(/\r\n?|[\n\u2028\u2029]/g)) this.#starts.push(index + end.length)
  }

  /** `line` counts from 1, `column` from 1. */
  at(offset: number): { line: number; column: number } {
    let low = 0
    let high = this.#starts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (this.#starts[middle]! <= offset) low = middle
      else high = middle
    }
    return { line: low + 1, column: offset - this.#starts[low]! + 1 }
  }
}
