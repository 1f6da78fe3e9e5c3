// I47: recursion that begins again in finally
import { attack, TOO_LONG } from '../attack.ts'

export default attack({
  action: `const deeper = () => {
      try {
        deeper()
      } finally {
        deeper()
      }
    }
    deeper()`,
  ends: 'room',
  says: TOO_LONG,
})
