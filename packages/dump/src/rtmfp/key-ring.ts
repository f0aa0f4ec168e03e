import { Mode, type RtmfpSessionKeys } from '@rtmpipe/transport-rtmfp/wire'
import { type OpenedPacket, openPacket } from './opened-packet.ts'

/** A packet of a session whose keys are known. */
export interface SessionPacket extends OpenedPacket {
  readonly keys: RtmfpSessionKeys
  readonly from: 'client' | 'server'
}

interface Direction {
  readonly keys: RtmfpSessionKeys
  readonly from: 'client' | 'server'
}

/** Keys of sessions, found by the ids that packets have. Ids of several sessions may be the same. */
export class KeyRing {
  readonly #directions = new Map<number, Direction[]>()

  constructor(sessions: readonly RtmfpSessionKeys[]) {
    for (const keys of sessions) {
      this.#add(keys.initiator.sessionId, { keys, from: 'server' })
      this.#add(keys.responder.sessionId, { keys, from: 'client' })
    }
  }

  #add(sessionId: number, direction: Direction): void {
    const directions = this.#directions.get(sessionId)
    if (directions === undefined) this.#directions.set(sessionId, [direction])
    else directions.push(direction)
  }

  /** @param likely of the session that is asked first: a checksum fits other keys once in 65,536 times */
  open(sessionId: number, datagram: Buffer, likely: RtmfpSessionKeys | undefined): SessionPacket | undefined {
    const directions = this.#directions.get(sessionId) ?? []
    const first = directions.filter(({ keys }) => keys === likely)
    for (const direction of first.length === 0 ? directions : [...first, ...directions]) {
      const opened = openDirection(direction, datagram)
      if (opened !== undefined) return opened
    }
    return undefined
  }
}

function openDirection({ keys, from }: Direction, datagram: Buffer): SessionPacket | undefined {
  const opened = openPacket(datagram, from === 'client' ? keys.initiatorToResponder : keys.responderToInitiator)
  const mode = from === 'client' ? Mode.Initiator : Mode.Responder
  return opened?.header.mode === mode ? { ...opened, keys, from } : undefined
}
