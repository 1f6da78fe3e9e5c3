// The page of a game on the play domain, alone or inside the website's page.
import { Notices } from './notices.ts'
import { Session } from './session.ts'
import { Site } from './site.ts'
import { Stage } from './stage/stage.ts'

let session: Session | undefined
const notices = new Notices({
  goOn: () => {
    session?.goOn()
    stage.canvas.focus()
  },
  reload: () => session?.reload(),
})
const stage = await Stage.start(document.querySelector<HTMLElement>('#game')!, {
  frame: (nowMs) => session?.frame(nowMs),
  log: (text) => session?.log(text),
  picture: (...picture) => session?.picture(...picture),
  context: (state) => session?.context(state),
})
const embedded = window.parent !== window
session = new Session(stage, notices, embedded ? (receive) => new Site(window.parent, receive) : undefined)
