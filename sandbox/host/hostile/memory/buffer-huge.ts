// I18: one buffer of 8 GB
import { attack } from '../attack.ts'

export default attack({
  action: 'new ArrayBuffer(2 ** 33)',
  ends: 'action',
  why: /^RangeError: (Array buffer allocation failed|Invalid array buffer length)$/,
})
