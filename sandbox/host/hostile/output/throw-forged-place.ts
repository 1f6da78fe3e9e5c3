// I07: throws an error whose stack names a line that no file has
import { attack } from '../attack.ts'

export default attack({
  action:
    "throw Object.assign(new Error('forged'), { stack: ['', ' at x.js:99999999999999999999999:1', ' at ' + 'y'.repeat(1_000) + '.js:1:1'].join(String.fromCharCode(10)) })",
  ends: 'action',
  why: 'forged',
})
