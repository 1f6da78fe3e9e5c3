// I42: lines for the log with escape sequences of terminals, NUL, forged ends of lines and marks that turn text around
import { attack } from '../attack.ts'

export default attack({
  action: `for (const text of ['\\u001b[2J\\u001b]0;owned\\u0007', '\\u0000', 'a\\r\\nforged: b', '\\u202egnp.exe\\u2066', '\\u009b31m', '<script>'])
      room.log(text)
    state.found = 'logged'`,
  ends: 'nothing',
  found: 'logged',
})
