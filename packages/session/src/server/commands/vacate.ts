import { status } from '../../protocol/status.ts'
import type { NetConnection } from '../net-connection.ts'

const takenOver = status('NetStream.Publish.BadName', 'another publisher has taken over')

/**
 * Ends the publisher of a name if it has fallen silent, as after a cut line that nobody has closed: a connection asks for
 * the name and may have it. Players stay. Resolves when the publisher has left, with what to call when the newcomer has
 * begun or has not; with nothing if nobody was ended.
 */
export async function vacate(
  { server }: NetConnection,
  app: string,
  streamName: string,
): Promise<(() => void) | undefined> {
  const stream = server.streams.get(app, streamName)
  const silent = stream && server.publishers.silentOf(stream)
  if (silent === undefined) return undefined
  const settle = stream?.keepOpen()
  await silent.leave(takenOver)
  return settle
}
