// I07: throws an AggregateError nested 1,000 deep
import { attack } from '../attack.ts'

export default attack({
  action: `let error = new Error('inner')
    for (let i = 0; i < 1_000; i++) error = new AggregateError([error], 'outer')
    throw error`,
  ends: 'action',
  why: 'AggregateError: outer',
})
