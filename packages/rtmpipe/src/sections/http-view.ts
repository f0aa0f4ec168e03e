import type { Problem } from '../config/problem.ts'
import { either, object, oneOf, type SchemaNode, span, whole, yesOrNo } from '../config/schema-node.ts'
import { isOn, type ServerConfig } from './server.ts'

/** Viewers of FLV over HTTP and WebSocket, where this is there. */
export interface HttpFlvConfig {
  /** Stay when the publisher leaves, and go on with the next one. Default false. */
  readonly follow?: boolean
  /**
   * Seconds that a viewer waits for a stream that nobody publishes, until it is answered 404; 0 answers at once. Default, and
   * at most: as long as all players.
   */
  readonly publishWait?: number | 'off'
  /** Viewers at a time on a port; further ones are answered 503. Default 20,000. */
  readonly maxViewers?: number
}

export const httpFlv: SchemaNode = object<HttpFlvConfig>('viewers of FLV, at /APP/NAME.flv over HTTP and WebSocket', {
  follow: yesOrNo('stay when the publisher leaves, and go on with the next one', false),
  publishWait: either(
    'seconds that a viewer waits for a stream that nobody publishes, at most as long as players; 0 answers 404 at once',
    [{ ...span(''), maximum: 86_400 }, oneOf('', ['off'])],
    'seconds from 0 to 86400, or off',
    { example: 0 },
  ),
  maxViewers: whole('viewers at a time on a port', 1, 1_000_000, 20_000),
})

/** What several workers mean for them. */
export const viewsWithWorkers: readonly { readonly settings: readonly string[]; readonly means: string }[] = [
  {
    settings: ['httpFlv'],
    means:
      'a viewer is served by the worker that it came to, each of which takes `maxViewers`; at port by the first one',
  },
]

/** What viewers could not get at. */
export function viewProblems({
  httpFlv,
  rtmpt,
  rtmpts,
  port,
  protocols = ['http'],
}: Required<Pick<ServerConfig, 'rtmpt' | 'rtmpts' | 'port'>> &
  Pick<ServerConfig, 'protocols'> & { readonly httpFlv?: HttpFlvConfig }): readonly Problem[] {
  if (httpFlv === undefined) return []
  if (isOn(rtmpt) || isOn(rtmpts) || (isOn(port) && protocols.includes('http'))) return []
  const text = 'viewers need an HTTP port: set rtmpt or rtmpts, or port with http among its protocols'
  return [{ path: ['httpFlv'], text }]
}
