// I11: for await over a list without end
import { attack, TOO_LONG } from '../attack.ts'

export default attack({
  action: 'void (async () => { for await (const x of (async function* () { for (;;) yield 1 })()); })()',
  ends: 'room',
  says: TOO_LONG,
})
