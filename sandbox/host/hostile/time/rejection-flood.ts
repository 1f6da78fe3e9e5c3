// I08: a million rejections that nobody handles
import { attack, TOO_LONG } from '../attack.ts'

export default attack({
  action: 'for (let i = 0; i < 1_000_000; i++) Promise.reject(i)',
  ends: 'room',
  says: TOO_LONG,
})
