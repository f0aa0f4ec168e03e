import type { Introduction } from '../contract/transport.ts'
import type { NetConnection } from './net-connection.ts'

/** Whether a client may be told where another one is: both are connected, and the gates allow it. */
export async function introduce(
  wanted: NetConnection | undefined,
  asking: NetConnection | undefined,
): Promise<Introduction | undefined> {
  if (wanted === undefined || asking === undefined || wanted === asking || !isHere(asking)) return undefined
  const { reported } = wanted
  if (reported === undefined || !isHere(wanted)) return undefined
  const { app, query } = asking
  const question = { connection: asking, wanted, app, query, allowed: app === wanted.app }
  const verdict = await asking.hooks.gate('onIntroduce', question)
  if (verdict.denial === undefined && verdict.event.allowed) {
    asking.log.debug({ app, wanted: wanted.id }, 'introduced')
    return { reported }
  }
  const { plugin, code, description: reason = 'another application' } = verdict.denial ?? {}
  asking.log.debug({ app, wanted: wanted.id, plugin, code, reason }, 'introduction refused')
  return undefined
}

function isHere({ state, isEnding }: NetConnection): boolean {
  return state === 'connected' && !isEnding
}
