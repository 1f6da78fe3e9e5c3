// A real Chromium for the tests of every room. It comes from npm with the few libraries it needs; nothing has to be installed,
// and it talks to nobody but the test's own servers.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { type Browser, chromium } from 'playwright-core'

const PACKAGES = 'ca-certificates fontconfig libexpat1 libgcc-s1 libnspr4 libnss3'
const ARGS = [
  '--no-sandbox', // tests run as root in containers too, where Chromium's own sandbox cannot start
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--disable-gpu-compositing', // without a graphics card it makes every screenshot ten times slower
  '--force-color-profile=srgb', // the same colours in every screenshot
  '--font-render-hinting=none',
  // Nothing of Chromium's own may reach the network.
  '--disable-background-networking',
  '--disable-client-side-phishing-detection',
  '--disable-component-extensions-with-background-pages',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-domain-reliability',
  '--disable-extensions',
  '--disable-quic',
  '--disable-sync',
  '--metrics-recording-only',
  '--no-default-browser-check',
  '--no-first-run',
  '--no-pings',
  '--no-proxy-server',
  '--disable-features=AutofillServerCommunication,CertificateTransparencyComponentUpdater,DialMediaRouteProvider,MediaRouter,OptimizationHints,Translate,WebRtcHideLocalIpsWithMdns', // the names of the last one need multicast, which containers have not
  '--allow-loopback-in-peer-connection',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE *.localhost',
  // A page in the background must not fall asleep: one test drives several players.
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
]

/**
 * Starts a headless Chromium, with `more` arguments; close it with `close()` or `await using`. CHROMIUM_PATH names an installed one to use
 * instead. Throws an error that says what to install when the machine cannot run it.
 */
export async function launchChromium(...more: string[]): Promise<Browser> {
  const installed = process.env.CHROMIUM_PATH
  const folder = installed ? undefined : await unpack()
  const executablePath = installed ?? join(folder!, 'chromium')
  try {
    return await chromium.launch({
      executablePath,
      args: [...ARGS, ...more],
      env: { ...process.env, ...(folder && libraries(folder)) } as Record<string, string>,
    })
  } catch (cause) {
    throw new Error(`Chromium did not start (${executablePath}). ${advice(String(cause))}`, { cause })
  }
}

/** The package's own copies of NSS, NSPR and expat, and a font, for machines that have none. */
const libraries = (folder: string) => ({
  LD_LIBRARY_PATH: [join(folder, 'al2023', 'lib'), process.env.LD_LIBRARY_PATH].filter(Boolean).join(':'),
  ...(!existsSync('/etc/fonts/fonts.conf') && { FONTCONFIG_PATH: join(folder, 'fonts') }),
})

function advice(error: string): string {
  const library = /error while loading shared libraries: ([^:]+):/.exec(error)?.[1]
  if (library)
    return `It lacks the system library ${library}. On Debian or Ubuntu: apt-get install ${PACKAGES}. Or set CHROMIUM_PATH to an installed Chromium.`
  if (process.env.CHROMIUM_PATH) return 'CHROMIUM_PATH must name the program file of a Chromium or Chrome.'
  return `On Debian or Ubuntu: apt-get install ${PACKAGES}. Or set CHROMIUM_PATH to an installed Chromium.`
}

/**
 * The folder with the unpacked browser, made on the first call of any test file. Each maker unpacks into a folder of its own and renames it,
 * so that test files which start at the same moment never see half a browser.
 */
async function unpack(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium')
  const root = join(dirname(entry), '..')
  const { version } = createRequire(import.meta.url)(join(root, 'package.json')) as { version: string }
  const cache = join(root, '..', '..', '.cache')
  const folder = join(cache, `chromium-${version}`)
  if (existsSync(folder)) return folder
  await mkdir(cache, { recursive: true })
  const scratch = await mkdtemp(join(cache, 'chromium-'))
  try {
    // The package unpacks into TMPDIR, and its libraries only where it believes to run on Amazon Linux: so in a process of its own.
    const script = `import(${JSON.stringify(entry)}).then(({ default: chromium }) => chromium.executablePath())`
    await promisify(execFile)(process.execPath, ['-e', script], {
      env: { ...process.env, TMPDIR: scratch, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' },
    })
    await writeFile(join(scratch, 'fonts', 'fonts.conf'), fontsConf(folder))
    await rename(scratch, folder)
  } catch (cause) {
    await rm(scratch, { recursive: true, force: true })
    if (!existsSync(folder))
      throw new Error('Chromium could not be unpacked; it needs 250 MB in node_modules/.cache', { cause })
  }
  return folder
}

const fontsConf = (folder: string) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${join(folder, 'fonts')}</dir><cachedir>${join(folder, 'fonts', 'cache')}</cachedir></fontconfig>
`
