// What games and players say reaches a page as text only: none of our code that runs in a page makes markup or code of a text.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const FOLDERS = ['../browser', '../../website/web'].map((path) => fileURLToPath(new URL(path, import.meta.url)))
const SINKS =
  /\b(inner|outer)HTML\b|insertAdjacentHTML|\{@html|document\s*\.\s*write|new\s+DOMParser|createContextualFragment|\bsrcdoc\b|setHTML|(?<![.\w])eval\s*\(|new\s+Function\b|javascript:/

const sources = () =>
  FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(
        (name) => /\.(ts|svelte|html|js)$/.test(name) && !/\.test\.ts$|(^|\/)(dist|node_modules|testing)\//.test(name),
      )
      .map((name) => join(folder, name)),
  )

it('no source of a page turns text into markup or code', () => {
  const files = sources()
  expect(files.length).toBeGreaterThan(60)
  expect(files.filter((file) => SINKS.test(readFileSync(file, 'utf8')))).toEqual([])
})

it('each way to do so would be found', () => {
  for (const sink of [
    'x.innerHTML = name',
    "el['outerHTML']",
    'x.insertAdjacentHTML("beforeend", name)',
    '<p>{@html name}</p>',
    'document.write(name)',
    'new DOMParser()',
    'r.createContextualFragment(name)',
    '<iframe srcdoc={name}>',
    'el.setHTMLUnsafe(name)',
    'eval(name)',
    'new Function(name)',
    '<a href="javascript:{name}">',
  ])
    expect([sink, SINKS.test(sink)]).toEqual([sink, true]) // prettier-ignore
  for (const fine of ['part.textContent = name', '<p>{name}</p>', 'worker.evaluate(name)', 'gameAPI.eval(1)'])
    expect(SINKS.test(fine)).toBe(false) // prettier-ignore
})
