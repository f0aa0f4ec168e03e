import { parseEnhancedCapabilities } from '@rtmpipe/flv'
import type { InProcessPeer } from '../../contract/in-process.ts'
import { appTarget, isBadName } from '../../protocol/stream-target.ts'
import { playItem, question } from '../commands/play.ts'
import { newConnectionId } from '../connection-id.ts'
import type { ServerContext } from '../context.ts'
import { NetConnection } from '../net-connection.ts'
import { connectObject, withQuery } from './in-process-client.ts'
import { InProcessConnection } from './in-process-connection.ts'

/** Asks the gates as a play would, see {@link ServerView.mayPlay}: nobody is counted, committed to or told of. */
export async function mayPlay(server: ServerContext, app: string, name: string, who: InProcessPeer): Promise<boolean> {
  const messages = new InProcessConnection({ queuedBytes: 0, take() {} })
  const connection = new NetConnection(newConnectionId(), messages, { ...who, secure: who.secure ?? false }, server)
  const leave = () => messages.destroy()
  messages.once('close', () => void connection.closed())
  who.signal?.addEventListener('abort', leave, { once: true })
  try {
    return !who.signal?.aborted && (await asks(connection, app, name, who))
  } finally {
    who.signal?.removeEventListener('abort', leave)
    messages.destroy()
  }
}

async function asks(connection: NetConnection, app: string, name: string, who: InProcessPeer): Promise<boolean> {
  const commandObject = connectObject(app, who)
  connection.tcUrl = commandObject.tcUrl
  connection.flashVer = commandObject.flashVer.slice(0, 128)
  connection.capabilities = parseEnhancedCapabilities(commandObject)
  const target = appTarget(commandObject.app, commandObject.tcUrl)
  if (isBadName(target)) return false
  connection.target = target
  const connect = await connection.hooks.gate('onConnect', { connection, ...target, commandObject, args: [] })
  if (connect.denial) return false
  const item = playItem(connection, withQuery(name, who), -2, -1)
  if (isBadName(item)) return false
  const play = await connection.hooks.gate('onPlay', question(connection, item))
  // A gate may have ended it instead.
  return !play.denial && !connection.isEnding
}
