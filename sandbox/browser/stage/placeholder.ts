// A picture for a sprite whose game has no image of that name: a coloured tile with the name on it, the same for every player.

const SIDE = 48

/** A hue from 0 to 359 that depends on the name alone (FNV-1a). */
function hueOf(name: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return (hash >>> 0) % 360
}

/** Draws the tile for `name`, `density` pixels for each pixel of the game. */
export function drawPlaceholder(name: string, density: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = SIDE * density
  const pen = canvas.getContext('2d')!
  pen.scale(density, density)
  const hue = hueOf(name)
  const shade = pen.createLinearGradient(0, 0, 0, SIDE)
  shade.addColorStop(0, `hsl(${hue} 72% 66%)`)
  shade.addColorStop(1, `hsl(${hue} 62% 48%)`)
  pen.beginPath()
  pen.roundRect(1.5, 1.5, SIDE - 3, SIDE - 3, 11)
  pen.fillStyle = shade
  pen.fill()
  pen.lineWidth = 1.5
  pen.strokeStyle = `hsl(${hue} 75% 82%)`
  pen.stroke()
  const label = name.length > 12 ? `${name.slice(0, 11)}…` : name
  pen.font = '600 13px system-ui, sans-serif'
  const size = Math.min(13, (13 * (SIDE - 9)) / Math.max(1, pen.measureText(label).width))
  pen.font = `600 ${size}px system-ui, sans-serif`
  pen.textAlign = 'center'
  pen.textBaseline = 'middle'
  pen.fillStyle = `hsl(${hue} 60% 14%)`
  pen.fillText(label, SIDE / 2, SIDE / 2 + 0.5)
  return canvas
}
