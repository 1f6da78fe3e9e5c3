// What people do on the site, each with a browser context of their own. The files of this folder share one site and one browser, because to
// start those takes more time than most of the tests.
import { describe } from 'vitest'
import './site.ts'

describe('on the site', async () => void (await import('./play.ts')))
describe('of an account', async () => void (await import('./account.ts')))
describe('in the studio', async () => void (await import('./studio.ts')))
describe('between players', async () => void (await import('./peer.ts')))
