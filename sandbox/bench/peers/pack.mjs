// Hand-packed deltas of tables of rows: what somebody writes who knows the game and sends nothing that is not needed.
// A message is a kind byte, then for each table the number of its rows in it, then the rows: id (16 bits), a mask of the
// fields that follow (a byte, or two for more than 8 fields; 0: the row is gone), and the fields.
const BYTES = { float32: 4, uint8: 1, uint16: 2, uint32: 4 }
const WRITE = {
  float32: (view, at, value) => view.setFloat32(at, value, true),
  uint8: (view, at, value) => view.setUint8(at, value),
  uint16: (view, at, value) => view.setUint16(at, value, true),
  uint32: (view, at, value) => view.setUint32(at, value, true),
}
const READ = {
  float32: (view, at) => view.getFloat32(at, true),
  uint8: (view, at) => view.getUint8(at),
  uint16: (view, at) => view.getUint16(at, true),
  uint32: (view, at) => view.getUint32(at, true),
}
export const FULL = 1
export const DELTA = 2

const layout = (tables) =>
  tables.map((fields) =>
    Object.entries(fields).map(([name, type]) => ({ name, bytes: BYTES[type], write: WRITE[type], read: READ[type] })),
  )

const writeMask = (at, fields, mask) => (fields.length > 8 ? out.setUint16(at, mask, true) : out.setUint8(at, mask))
const maskBytes = (fields) => (fields.length > 8 ? 2 : 1)

const scratch = Buffer.alloc(256 * 1024)
const out = new DataView(scratch.buffer, scratch.byteOffset, scratch.length)

/** What one audience (a room, or one player with a view of its own) has been sent. */
export class Packer {
  #layout
  #sent
  constructor(tables) {
    this.#layout = layout(tables)
    this.#sent = tables.map(() => new Map())
  }

  /** The message that brings the audience up to date; undefined when nothing changed. `rows`: a Map of id to row for each table. */
  delta(rows) {
    let at = 1
    let any = false
    out.setUint8(0, DELTA)
    for (let i = 0; i < rows.length; i++) {
      const fields = this.#layout[i]
      const sent = this.#sent[i]
      const countAt = at
      let count = 0
      at += 2
      for (const [id, row] of rows[i]) {
        let known = sent.get(id)
        const start = at
        let mask = 0
        at += 2 + maskBytes(fields)
        if (known === undefined) {
          known = new Float64Array(fields.length).fill(Number.NaN)
          sent.set(id, known)
        }
        for (let f = 0; f < fields.length; f++) {
          const field = fields[f]
          const value = row[field.name]
          if (known[f] === value) continue
          known[f] = value
          mask |= 1 << f
          field.write(out, at, value)
          at += field.bytes
        }
        if (mask === 0) at = start
        else {
          out.setUint16(start, id, true)
          writeMask(start + 2, fields, mask)
          count++
        }
      }
      if (sent.size > rows[i].size) {
        for (const id of sent.keys()) {
          if (rows[i].has(id)) continue
          sent.delete(id)
          out.setUint16(at, id, true)
          writeMask(at + 2, fields, 0)
          at += 2 + maskBytes(fields)
          count++
        }
      }
      out.setUint16(countAt, count, true)
      any ||= count > 0
    }
    return any ? Buffer.from(scratch.subarray(0, at)) : undefined
  }

  /** All that the audience has been sent so far, for somebody who joins it. */
  full() {
    let at = 1
    out.setUint8(0, FULL)
    for (let i = 0; i < this.#layout.length; i++) {
      const fields = this.#layout[i]
      out.setUint16(at, this.#sent[i].size, true)
      at += 2
      for (const [id, known] of this.#sent[i]) {
        out.setUint16(at, id, true)
        writeMask(at + 2, fields, 2 ** fields.length - 1)
        at += 2 + maskBytes(fields)
        for (let f = 0; f < fields.length; f++) {
          fields[f].write(out, at, known[f])
          at += fields[f].bytes
        }
      }
    }
    return Buffer.from(scratch.subarray(0, at))
  }
}

/** The other end of a Packer. */
export class Unpacker {
  #layout
  /** A Map of id to row for each table. */
  rows
  constructor(tables) {
    this.#layout = layout(tables)
    this.rows = tables.map(() => new Map())
  }

  apply(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    let at = 1
    if (view.getUint8(0) === FULL) for (const table of this.rows) table.clear()
    for (let i = 0; i < this.rows.length; i++) {
      const fields = this.#layout[i]
      const count = view.getUint16(at, true)
      at += 2
      for (let n = 0; n < count; n++) {
        const id = view.getUint16(at, true)
        const mask = fields.length > 8 ? view.getUint16(at + 2, true) : view.getUint8(at + 2)
        at += 2 + maskBytes(fields)
        if (mask === 0) {
          this.rows[i].delete(id)
          continue
        }
        let row = this.rows[i].get(id)
        if (row === undefined) {
          row = {}
          this.rows[i].set(id, row)
        }
        for (let f = 0; f < fields.length; f++) {
          if ((mask & (1 << f)) === 0) continue
          row[fields[f].name] = fields[f].read(view, at)
          at += fields[f].bytes
        }
      }
    }
  }
}
