/** Why a request is not answered with what it asks for. */
export class HlsRefusal extends Error {
  override readonly name = 'HlsRefusal'
  readonly statusCode: number

  /** @param message is told to whoever asks */
  constructor(statusCode: number, message: string) {
    super(message)
    this.statusCode = statusCode
  }
}
