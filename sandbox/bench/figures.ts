// Samples and what is said of them.

/** Milliseconds. `aim`: what the design asks for on two cores. */
export interface Figure {
  median: number
  p95: number
  min: number
  max: number
  runs: number
  aim: number
}

export function figure(samples: number[], aim: number): Figure {
  const sorted = [...samples].sort((a, b) => a - b)
  const at = (share: number) => round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!)
  return { median: at(0.5), p95: at(0.95), min: at(0), max: at(1), runs: sorted.length, aim }
}

const round = (ms: number): number => Math.round(ms * 100) / 100

export function table(figures: Record<string, Figure>): string {
  const rows = Object.entries(figures).map(([name, { median, p95, min, max, runs, aim }]) =>
    [name, median, p95, `${min} to ${max}`, runs, aim].map(String),
  )
  const all = [['ms', 'median', 'p95', 'range', 'runs', 'aim'], ...rows]
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  return all.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')).join('\n')
}
