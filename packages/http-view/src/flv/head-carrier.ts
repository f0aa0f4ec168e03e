import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Carrier } from './carrier.ts'

/** For a request of HEAD: who would be let in is told so, and gets nothing. */
export class HeadCarrier implements Carrier {
  readonly name = 'http-flv'
  readonly queuedBytes = 0
  readonly bytesSent = 0
  readonly #response: ServerResponse
  readonly #headers: OutgoingHttpHeaders
  readonly #leave: () => void

  /** @param leave ends the view */
  constructor(response: ServerResponse, headers: OutgoingHttpHeaders, leave: () => void) {
    this.#response = response
    this.#headers = headers
    this.#leave = leave
  }

  begin(): void {
    this.#response.writeHead(200, this.#headers).end()
    this.#leave()
  }

  send(): boolean {
    return true
  }

  end(): void {}

  cut(): void {}
}
