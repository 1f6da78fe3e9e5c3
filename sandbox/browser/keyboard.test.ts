import { expect, it } from 'vitest'
import { Keyboard } from './keyboard.ts'

function keyboard() {
  const heard: string[] = []
  return { heard, keys: new Keyboard((key, down) => heard.push(`${key} ${down ? 'down' : 'up'}`)) }
}

it('a key is down under all its names until it is released', () => {
  const { keys, heard } = keyboard()
  keys.press({ code: 'KeyW', key: 'w' })
  keys.press({ code: 'KeyW', key: 'w' })
  expect(keys.take()).toEqual(['up', 'w'])
  keys.release({ code: 'KeyW' })
  expect(keys.take()).toEqual([])
  expect(heard).toEqual(['up down', 'w down', 'up up', 'w up'])
})

it('a tap between two frames is seen by the second', () => {
  const { keys } = keyboard()
  keys.press({ code: 'Space', key: ' ' })
  keys.release({ code: 'Space' })
  expect(keys.take()).toEqual(['space'])
  expect(keys.take()).toEqual([])
})

it('two keys of one name count once', () => {
  const { keys, heard } = keyboard()
  keys.press({ code: 'ArrowLeft', key: 'ArrowLeft' })
  keys.press({ code: 'KeyA', key: 'a' })
  keys.release({ code: 'ArrowLeft' })
  expect(keys.take()).toContain('left')
  keys.release({ code: 'KeyA' })
  expect(heard).toEqual(['left down', 'a down', 'left up', 'a up'])
})

it('Shift between press and release leaves no letter down, nor does a lost focus', () => {
  const { keys } = keyboard()
  keys.press({ code: 'Digit1', key: '1' })
  keys.press({ code: 'ShiftLeft', key: 'Shift' })
  keys.release({ code: 'Digit1' })
  keys.take()
  expect(keys.take()).toEqual(['shift'])
  keys.releaseAll()
  expect(keys.take()).toEqual([])
})
