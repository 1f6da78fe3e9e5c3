type Row = Record<string, number>
export type Tables = Record<string, 'float32' | 'uint8' | 'uint16' | 'uint32'>[]
export const FULL: number
export const DELTA: number
export class Packer {
  constructor(tables: Tables)
  delta(rows: Map<number, Row>[]): Buffer | undefined
  full(): Buffer
}
export class Unpacker {
  constructor(tables: Tables)
  rows: Map<number, Row>[]
  apply(bytes: Uint8Array): void
}
