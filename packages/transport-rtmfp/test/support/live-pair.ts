import { afterEach } from 'vitest'
import { Session, type SessionHost } from '../../src/session/session.ts'
import { initiatorAddress, keysOf, responderAddress } from './session-pair.ts'
import { seeded } from './random.ts'

/** Two open sessions with each other on the clock of the machine, over a line without sockets. */
export interface LivePair {
  readonly initiator: Session
  readonly responder: Session
  /** Share of datagrams that is lost. */
  loss: number
}

const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

export function livePair(): LivePair {
  const random = seeded(7)
  const timers = new Map<Session, NodeJS.Timeout>()
  let isStopped = false
  const now = () => performance.now()
  const drive = (session: Session) => {
    clearTimeout(timers.get(session))
    if (isStopped || session.deadline === Number.POSITIVE_INFINITY) return
    const timer = setTimeout(
      () => {
        session.tick(now())
        drive(session)
      },
      Math.max(0, session.deadline - now()),
    )
    timers.set(session, timer.unref())
  }
  const hostOf = (isInitiator: boolean): SessionHost => ({
    send(datagram) {
      const copy = Buffer.from(datagram)
      if (random() < pair.loss) return
      setImmediate(() => {
        if (isStopped) return
        const far = isInitiator ? pair.responder : pair.initiator
        far.receive(copy, isInitiator ? initiatorAddress : responderAddress, now())
        drive(far)
      })
    },
    deadlineChanged: session => drive(session),
    closed: session => clearTimeout(timers.get(session)),
    forwardedHello() {},
  })
  const sessionOf = (isInitiator: boolean) =>
    new Session(
      {
        isInitiator,
        farId: Buffer.alloc(32, isInitiator ? 2 : 1),
        nearId: Buffer.alloc(32, isInitiator ? 1 : 2),
        farSessionId: isInitiator ? 2 : 1,
        keys: keysOf(isInitiator),
        remote: isInitiator ? responderAddress : initiatorAddress,
        secret: Buffer.alloc(32, 7),
        limits: {},
        now: now(),
      },
      hostOf(isInitiator),
    )
  const pair: LivePair = { loss: 0, initiator: sessionOf(true), responder: sessionOf(false) }
  stops.push(() => {
    isStopped = true
    for (const timer of timers.values()) clearTimeout(timer)
  })
  return pair
}
