import { Mode, type RtmfpSessionKeys } from '@rtmpipe/transport-rtmfp/wire'
import { endpoint } from '../pcap/ip-packet.ts'
import { type OpenedPacket, openPacket } from './opened-packet.ts'

/** A packet of a session whose keys are known. */
export interface SessionPacket extends OpenedPacket {
  readonly keys: RtmfpSessionKeys
  readonly from: 'client' | 'server'
}

/** A datagram whose session is asked for. */
export interface SealedPacket {
  readonly payload: Buffer
  /** Address and port that it came from. */
  readonly source: string
}

/** Sessions in which an end has the same id, the newest ones first. */
interface SameId {
  readonly all: RtmfpSessionKeys[]
  /** By the address and port of either end. */
  readonly byEnd: Map<string, RtmfpSessionKeys[]>
}

/**
 * Sessions of one id that are kept, and tried, for each end and beside these. Who asks for a session chooses one of its
 * ids: thousands may have the same.
 */
const mostOfId = 16

/** Keys of sessions, found by the ids that packets have, and by where these come from and go to. */
export class KeyRing {
  readonly #byId = new Map<number, SameId>()

  /** @param sessions in the order in which they began */
  constructor(sessions: readonly RtmfpSessionKeys[]) {
    for (const keys of sessions) {
      for (const id of new Set([keys.initiator.sessionId, keys.responder.sessionId])) this.#add(id, keys)
    }
  }

  #add(sessionId: number, keys: RtmfpSessionKeys): void {
    const same: SameId = this.#byId.get(sessionId) ?? { all: [], byEnd: new Map() }
    this.#byId.set(sessionId, same)
    keep(same.all, keys)
    for (const { address, port } of [keys.initiator, keys.responder]) {
      const end = endpoint(address, port)
      const ofEnd = same.byEnd.get(end) ?? []
      same.byEnd.set(end, ofEnd)
      keep(ofEnd, keys)
    }
  }

  /** @param likely of the session that is asked first: a checksum fits other keys once in 65,536 times */
  open(
    sessionId: number,
    { payload, source }: SealedPacket,
    destination: string,
    likely: RtmfpSessionKeys | undefined,
  ): SessionPacket | undefined {
    const first = likely && openSession(likely, sessionId, payload)
    const same = this.#byId.get(sessionId)
    if (first !== undefined || same === undefined) return first
    const tried = new Set([likely])
    for (const sessions of [same.byEnd.get(source), same.byEnd.get(destination), same.all]) {
      for (const keys of sessions ?? []) {
        if (tried.has(keys)) continue
        tried.add(keys)
        const opened = openSession(keys, sessionId, payload)
        if (opened !== undefined) return opened
      }
    }
    return undefined
  }
}

function keep(sessions: RtmfpSessionKeys[], keys: RtmfpSessionKeys): void {
  sessions.unshift(keys)
  if (sessions.length > mostOfId) sessions.pop()
}

/** Both ends of a session may have the same id. */
function openSession(keys: RtmfpSessionKeys, sessionId: number, datagram: Buffer): SessionPacket | undefined {
  for (const from of ['client', 'server'] as const) {
    const [to, protection, mode] =
      from === 'client'
        ? [keys.responder, keys.initiatorToResponder, Mode.Initiator]
        : [keys.initiator, keys.responderToInitiator, Mode.Responder]
    if (to.sessionId !== sessionId) continue
    const opened = openPacket(datagram, protection)
    if (opened?.header.mode === mode) return { ...opened, keys, from }
  }
  return undefined
}
