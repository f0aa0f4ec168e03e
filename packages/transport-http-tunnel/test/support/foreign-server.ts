import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A request as a scripted server got it. */
export interface ForeignRequest {
  readonly path: string
  readonly body: Buffer
  readonly raw: IncomingMessage
  readonly response: ServerResponse
  readonly socket: Socket
}

/** Answers with a status and body. */
export function reply({ response }: ForeignRequest, body: string | number[], status = 200): void {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'latin1') : Buffer.from(body)
  response.writeHead(status, { 'Content-Length': bytes.length })
  response.end(bytes)
}

/** An RTMPT server of someone else, as a script. */
export class ForeignServer {
  readonly url: URL
  readonly port: number
  /** Everything asked so far. */
  readonly requests: ForeignRequest[]

  private constructor(port: number, requests: ForeignRequest[]) {
    this.port = port
    this.url = new URL(`rtmpt://127.0.0.1:${port}/live`)
    this.requests = requests
  }

  /** Paths asked so far, of one kind or all. */
  paths(kind = ''): string[] {
    return this.requests.map(({ path }) => path).filter(path => path.startsWith(`/${kind}`))
  }

  /** `/open` is answered with `sid`, everything else by `answer`. */
  static async start(
    answer: (request: ForeignRequest) => void,
    open: (request: ForeignRequest) => void = request => reply(request, 'sid\n'),
  ): Promise<ForeignServer> {
    const requests: ForeignRequest[] = []
    const server = createServer((raw, response) => {
      const chunks: Buffer[] = []
      raw.on('error', () => {}).on('data', (chunk: Buffer) => chunks.push(chunk))
      raw.on('end', () => {
        const request = { path: raw.url ?? '', body: Buffer.concat(chunks), raw, response, socket: raw.socket }
        requests.push(request)
        if (request.path.startsWith('/open')) open(request)
        else answer(request)
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      server.close()
      server.closeAllConnections()
    })
    return new ForeignServer((server.address() as AddressInfo).port, requests)
  }
}
