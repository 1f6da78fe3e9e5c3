import { expect, it } from 'vitest'
import { readDeclarations } from './declarations.ts'

const API = `
interface Thing { /** Pixels. */ x: number; moveTo(x: number,
  y?: number): this }
interface Sprite extends Thing { tint: string }
interface Deep extends Sprite { on: (name: string) => void }
interface Group<T extends Thing> { get(key: string): T | undefined }
interface GameAPI {
  readonly camera: { zoom: number; readonly at: { x: number } }
  /** Draws a picture.
   * More about it. */
  createSprite(type: string, ...rest: number[]): Sprite
  find(id: string): Sprite | undefined
  either(): Sprite | Thing
  keys: Readonly<Record<string, 0 | 1>>
  pointer: Omit<Sprite, 'x'> & { readonly down: boolean }
  group<T extends Thing>(create: () => T): Group<T>
}
declare const gameAPI: GameAPI
`
const api = readDeclarations('api.d.ts', API)
const find = (type: string, name: string) => api.types[type]?.find((member) => member.name === name)

it('a member has its signature, its parameters and its docstring', () => {
  expect(find('GameAPI', 'createSprite')).toEqual({
    name: 'createSprite',
    kind: 'method',
    signature: '(type: string, ...rest: number[]): Sprite',
    params: ['type', '...rest'],
    doc: 'Draws a picture.\nMore about it.',
    gives: 'Sprite',
  })
  expect(find('Thing', 'moveTo')).toMatchObject({ signature: '(x: number, y?: number): this', params: ['x', 'y?'] })
  expect(find('Deep', 'on')).toMatchObject({ kind: 'method', signature: '(name: string): void' })
})

it('an heir has all members of its line, and `this` is the heir', () => {
  expect(api.types.Deep?.map(({ name }) => name)).toEqual(['on', 'tint', 'x', 'moveTo'])
  expect(find('Deep', 'moveTo')?.gives).toBe('Deep')
  expect(find('Thing', 'moveTo')?.gives).toBe('Thing')
})

it('what a look or a call gives is known when it has members, also when its type is written in place', () => {
  expect(api.globals).toEqual({ gameAPI: 'GameAPI' })
  expect(find(find('GameAPI', 'camera')!.gives!, 'at')?.gives).toBe('GameAPI.camera.at')
  expect(find('GameAPI', 'find')?.gives).toBe('Sprite')
  expect(find('GameAPI', 'group')?.gives).toBe('Group')
  expect(find('Group', 'get')?.gives).toBe('Thing')
  expect(api.types['GameAPI.pointer']?.map(({ name }) => name).sort()).toEqual(['down', 'moveTo', 'tint'])
  expect(find('GameAPI', 'keys')?.gives).toBeUndefined()
})

it('a declaration that does not parse stops the build', () => {
  expect(() => readDeclarations('api.d.ts', 'interface {')).toThrow(/api\.d\.ts/)
})
