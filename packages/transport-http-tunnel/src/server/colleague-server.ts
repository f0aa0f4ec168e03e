import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { HandedOver } from './colleagues.ts'
import type { Origin } from './origin.ts'
import { ResponsePost } from './response-post.ts'
import { MOST, ORIGIN } from './unix-colleagues.ts'

/** Takes what other processes of this machine hand over, on a Unix socket that nobody else may reach. */
export class ColleagueServer {
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  /** @throws the system's error when it can't listen */
  static async listen(path: string, take: (request: HandedOver) => void): Promise<ColleagueServer> {
    const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0, noDelay: true })
    server.on('request', (request, response) => {
      const handed = handedOver(request, response)
      if (handed === undefined) response.writeHead(400).end()
      else take(handed)
    })
    server.listen(path)
    await once(server, 'listening')
    return new ColleagueServer(server)
  }

  /** The process may end while it listens. */
  unref(): void {
    this.#server.unref()
  }

  /** Frees the socket, and ends what is under way. */
  async close(): Promise<void> {
    const closed = new Promise(resolve => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }
}

function handedOver(request: IncomingMessage, response: ServerResponse): HandedOver | undefined {
  const [, kind, id = '', number = ''] = request.url?.split('/') ?? []
  const { [ORIGIN]: origin, [MOST]: most } = request.headers
  if ((kind !== 'send' && kind !== 'idle' && kind !== 'close') || typeof origin !== 'string') return undefined
  const post = new ResponsePost(request, response)
  return {
    kind,
    id,
    number,
    post,
    origin: JSON.parse(origin) as Origin,
    most: most === undefined ? most : Number(most),
  }
}
