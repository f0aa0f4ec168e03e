import { MemoryMessageTransport, messageTransportCompliance } from '@rtmpipe/testing'
import { it } from 'vitest'
import { FlowMessageConnection } from '../../src/rtmp/message-connection.ts'
import { livePair } from '../support/live-pair.ts'

it.each(messageTransportCompliance)('$name', ({ run }) =>
  run(() => ({
    transport: new MemoryMessageTransport(() => {
      const { initiator, responder } = livePair()
      return [new FlowMessageConnection(initiator), new FlowMessageConnection(responder)]
    }),
    dialUrl: ({ address }) => new URL(`memory://server:${address.port}`),
  })),
)
