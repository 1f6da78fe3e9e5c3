// I37: the syntax whose bug crashes V8
import { attack } from '../attack.ts'

export default attack({
  top: 'export const leave = async () => { for (await using x of []) {} }',
  ends: 'start',
  says: /^SyntaxError: .+$/,
})
