import { expect, it } from 'vitest'
import { readSignal } from './peer.ts'

const SDP = 'v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=candidate:1 1 udp 1 127.0.0.1 5 typ host\r\n'
const say = (value: unknown) => JSON.stringify(value)

it('[PP3] a description of one data connection is read', () => {
  expect(readSignal(say({ type: 'offer', sdp: SDP, more: 1 }))).toEqual({ type: 'offer', sdp: SDP })
  expect(readSignal(say({ type: 'answer', sdp: SDP }))).toEqual({ type: 'answer', sdp: SDP })
})

it.each([
  ['no JSON', '{'],
  ['null', 'null'],
  ['of another type', say({ type: 'rollback', sdp: SDP })],
  ['without a description', say({ type: 'offer' })],
  ['of a camera', say({ type: 'offer', sdp: SDP.replace('application', 'video') })],
  ['of a camera too', say({ type: 'offer', sdp: `${SDP}m=video 9 UDP/TLS/RTP/SAVPF 96\r\n` })],
  ['of nothing', say({ type: 'offer', sdp: 'v=0\r\n' })],
  [
    'with addresses without end',
    say({ type: 'offer', sdp: SDP + 'a=candidate:1 1 udp 1 10.0.0.1 5 typ host\r\n'.repeat(20) }),
  ],
])('[PP3] a signal that is %s is not looked at', (_, data) => {
  expect(readSignal(data)).toBeUndefined()
})
