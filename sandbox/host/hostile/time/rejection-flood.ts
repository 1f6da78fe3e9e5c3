// I08: a million rejections that nobody handles
import { attack } from '../attack.ts'

export default attack({
  action: 'for (let i = 0; i < 1_000_000; i++) Promise.reject(i)',
  ends: 'room',
  says: /^(server\.js ran longer than 100 ms and was stopped|\d+)$/, // or one of them, where they fit into the time
})
