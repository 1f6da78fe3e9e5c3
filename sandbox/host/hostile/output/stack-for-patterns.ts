// I07: throws an error whose message and stack are made for the patterns that look for a place in them
import { attack } from '../attack.ts'

export default attack({
  action: `const error = new Error('a/'.repeat(100) + '[' + 'a b/'.repeat(100))
    error.stack = ('at ' + 'a b/'.repeat(120) + '!\\n').repeat(6)
    throw error`,
  ends: 'action',
  why: /^(a\/){100}\[/,
})
