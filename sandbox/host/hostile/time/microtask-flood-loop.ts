// I09: fills the queue of microtasks, then never returns
import { attack, TOO_LONG } from '../attack.ts'

export default attack({
  action: `for (let i = 0; i < 1_000; i++) Promise.resolve().then(() => { for (;;); })
    for (;;);`,
  ends: 'room',
  says: TOO_LONG,
})
