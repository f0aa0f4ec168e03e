import { hostile } from '../support/hostile.ts'
import { acknowledgements } from './session/acknowledgements.ts'
import { chunks } from './session/chunks.ts'
import { flows } from './session/flows.ts'
import { messages } from './session/messages.ts'
import { packets } from './session/packets.ts'
import { pings } from './session/pings.ts'
import { sequences } from './session/sequences.ts'
import { unprotectedPackets } from './session/unprotected.ts'

// One server gets them all, one after the other: what one leaves behind would show in those after it.
hostile(
  'in a session',
  [...packets, ...unprotectedPackets, ...chunks, ...pings, ...flows, ...sequences, ...acknowledgements, ...messages],
  {
    patience: 20_000,
    limits: { maxReceived: 20_000_000 },
  },
)
