import { type PublishInfo, type Status, status } from '@rtmpipe/session'

/**
 * Tells a publisher that asked for a recording (publishing type `record` or `append`) what becomes of it. Other
 * publishers are told nothing.
 */
export class RecordStatus {
  readonly #publish: PublishInfo | undefined
  #isRunning = false

  /** @param publish undefined when no client publishes: then nobody is told */
  constructor(publish: PublishInfo | undefined) {
    this.#publish = publish
  }

  started(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    this.#tell(status('NetStream.Record.Start', `${this.#publish?.streamName} is recorded`))
  }

  /** The recording has ended without an error; for one that failed nothing is said here. */
  stopped(): void {
    if (!this.#isRunning) return
    this.#isRunning = false
    this.#tell(status('NetStream.Record.Stop', `${this.#publish?.streamName} is not recorded any more`))
  }

  failed(error: NodeJS.ErrnoException): void {
    this.#isRunning = false
    this.#tell(failure(error))
  }

  /** Nobody wants to record it. */
  refused(): void {
    this.#tell(status('NetStream.Record.NoAccess', 'this stream is not recorded here'))
  }

  #tell(info: Status): void {
    if (this.#publish?.publishingType !== 'live') this.#publish?.tell(info)
  }
}

/** The description for the publisher, without the places of files. */
function failure({ code = '' }: NodeJS.ErrnoException): Status {
  if (['EACCES', 'EPERM', 'EROFS'].includes(code)) {
    return status('NetStream.Record.NoAccess', 'recordings can not be written here')
  }
  if (code === 'EDQUOT') return status('NetStream.Record.DiskQuotaExceeded', 'there is no more room for recordings')
  return status('NetStream.Record.Failed', code === 'ENOSPC' ? 'the disk is full' : 'the recording has failed')
}
