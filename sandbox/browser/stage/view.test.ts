import { expect, it } from 'vitest'
import { View } from './view.ts'

function view() {
  const made = new View()
  made.reset(400, 300)
  return made
}
const near = ({ x, y }: { x: number; y: number }) => [Math.round(x * 1e6) / 1e6, Math.round(y * 1e6) / 1e6]

it('the screen is the world until the camera moves', () => {
  expect(near(view().toWorld({ x: 12, y: 34 }))).toEqual([12, 34])
})

it('a point of the screen is found in a world that was moved, enlarged and turned', () => {
  const made = view()
  made.place(1000, 500)
  expect(near(made.toWorld({ x: 200, y: 150 }))).toEqual([1000, 500])
  made.turn(2, 0)
  expect(near(made.toWorld({ x: 300, y: 150 }))).toEqual([1050, 500])
  made.turn(2, Math.PI / 2) // turned by a quarter: what is right of the middle on the screen lies above it in the world
  expect(near(made.toWorld({ x: 300, y: 150 }))).toEqual([1000, 450])
})

it('a followed thing is in the middle at once, or smoothly at the same pace on every screen', () => {
  const goal = { x: 900, y: 150 }
  const made = view()
  made.follow(() => goal, 0)
  made.advance(16)
  expect(near(made)).toEqual([900, 150])
  const at = (frameMs: number) => {
    const smooth = view()
    smooth.advance(0)
    smooth.follow(() => goal, 0.9)
    for (let ms = frameMs; ms <= 1000; ms += frameMs) smooth.advance(ms)
    return smooth.x
  }
  expect(at(20)).toBeCloseTo(at(5), 6)
  expect(at(20)).toBeGreaterThan(850)
})

it('bounds keep the outside off the screen, and a world that fits is in the middle', () => {
  const made = view()
  made.bound({ x: 0, y: 0, width: 1000, height: 200 })
  made.place(-50, -50)
  made.advance(16)
  expect(near(made)).toEqual([200, 100])
  made.place(5000, 0)
  made.advance(32)
  expect(near(made)).toEqual([800, 100])
})

it('trembling ends, and does not move what the camera looks at', () => {
  const made = view()
  made.shake(0, 100, 10)
  made.advance(20)
  expect(Math.hypot(made.tremor.x, made.tremor.y)).toBeGreaterThan(0)
  expect(near(made)).toEqual([200, 150])
  made.advance(101)
  expect(made.tremor).toEqual({ x: 0, y: 0 })
})
