// The built pages: files by their name, and the one page for every address that a person can open.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import express, { type RequestHandler, Router } from 'express'

const YEAR_S = 365 * 24 * 60 * 60

/** Serves `webRoot`. Names under assets/ carry a hash of their content, so those never change. */
export function pages(webRoot: string): Router {
  const router = Router()
  const assets = { immutable: true, maxAge: YEAR_S * 1000, index: false, redirect: false, fallthrough: false } as const
  router.use('/assets', express.static(join(webRoot, 'assets'), assets))
  router.use(express.static(webRoot, { index: false, redirect: false, dotfiles: 'ignore', cacheControl: false }))
  const page: RequestHandler = (request, response, next) => {
    if (!request.accepts('html') || !isNavigation(request.path)) return next()
    if (!existsSync(join(webRoot, 'index.html'))) {
      response.status(503).type('text').send('The pages are not built yet. Run: npm run build')
      return
    }
    response.set('cache-control', 'no-cache').sendFile('index.html', { root: webRoot, cacheControl: false })
  }
  router.get('/{*path}', page)
  return router
}

/** An address that a person opens has no file ending; a missing picture must not answer with a page. */
const isNavigation = (path: string): boolean => !/\.[a-z0-9]+$/i.test(path)
