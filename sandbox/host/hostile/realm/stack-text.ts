// I29: paths of this machine in stacks and sources
import { attack } from '../attack.ts'

export default attack({
  action: String.raw`const text = [new Error().stack, ...[room.log, room.send, room.store.set, Math.random, Date, ArrayBuffer].map(String)].join()
    state.found = /node:|file:|\/tmp|\/home|\/work|node_modules|isolated|\.node/.test(text)`,
  ends: 'nothing',
  found: false,
})
