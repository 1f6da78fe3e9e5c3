// I13: JSON.parse of a long text again and again
import { attack } from '../attack.ts'

export default attack({
  action: `const text = JSON.stringify(Array(60_000).fill([1, 2, 3]))
    for (;;) JSON.parse(text)`,
  ends: 'either',
})
