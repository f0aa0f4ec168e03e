import type { ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Asked, askedOf } from './hls-request.ts'
import type { HlsSession } from './sessions.ts'

/** A request, and its answer, which may be sent later. */
export class Exchange {
  readonly request: FastifyRequest
  readonly response: ServerResponse
  readonly asked: Asked
  /** Whose request it is, as far as that is known. */
  session: HlsSession | undefined

  /** @throws HlsRefusal 404 for a path that can be no file of a stream */
  constructor(request: FastifyRequest, { raw: response }: FastifyReply) {
    this.request = request
    this.response = response
    this.asked = askedOf(request.raw.url ?? '')
  }

  /** Address of the viewer. */
  get address(): string {
    return this.request.ip
  }

  /** That it came by. */
  get connection(): object {
    return this.request.raw.socket
  }
}
