import { expect, it } from 'vitest'
import { Glide } from './glide.ts'

it('the first move places at once, the next ones arrive after their time', () => {
  const glide = new Glide(0, 0)
  glide.move(10, 10, 0, 50)
  expect([glide.x, glide.y]).toEqual([10, 10])
  glide.move(20, 30, 100, 50)
  glide.advance(125)
  expect([glide.x, glide.y]).toEqual([15, 20])
  expect(glide.advance(150)).toBe(true)
  expect([glide.x, glide.y]).toEqual([20, 30])
  expect(glide.advance(175)).toBe(false)
})

it('a move that is asked for again does not start again', () => {
  const glide = new Glide(0, 0)
  glide.move(0, 0, 0, 50)
  glide.move(100, 0, 0, 50)
  glide.advance(25)
  glide.move(100, 0, 25, 50)
  glide.advance(50)
  expect(glide.x).toBe(100)
})

it('a new goal on the way starts from where the thing is seen, and placing ends it', () => {
  const glide = new Glide(0, 0)
  glide.move(0, 0, 0, 50)
  glide.move(100, 0, 0, 50)
  glide.advance(25)
  glide.move(0, 0, 25, 50)
  glide.advance(50)
  expect(glide.x).toBe(25)
  glide.place(7, 7)
  expect(glide.advance(60)).toBe(false)
  expect(glide.x).toBe(7)
})
