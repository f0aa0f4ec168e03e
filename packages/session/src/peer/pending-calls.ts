import { UsageError } from '@rtmpipe/chunk-stream'
import { type Command, objectOf } from '../protocol/command.ts'
import { deadline } from './deadline.ts'
import { statusError } from './status-error.ts'

interface PendingCall {
  resolve(result: Command): void
  reject(error: Error): void
  readonly timer: NodeJS.Timeout | undefined
}

/** What calls of ours may cost. */
export interface CallLimits {
  /** Milliseconds until the peer must have answered; Infinity waits as long as the connection stands. */
  readonly callTimeout: number
  /** Calls that may wait for their answers at a time. */
  readonly maxPendingCalls: number
}

/** Commands of ours that wait for `_result` or `_error` (RTMP 1.0 §7.1.1), by transaction id. */
export class PendingCalls {
  readonly #limits: CallLimits
  readonly #calls = new Map<number, PendingCall>()
  #nextTransactionId = 1
  #closed: Error | undefined

  constructor(limits: CallLimits) {
    this.#limits = limits
  }

  /**
   * Sends a command and waits for its answer.
   *
   * @param send sends it with the transaction id given
   * @param timeout milliseconds; default `callTimeout`
   * @throws StatusError, LimitError `RTMP_ERR_CALL_TIMEOUT`, UsageError `RTMP_ERR_PENDING_CALLS`, what `send` throws
   */
  async start(
    name: string,
    send: (transactionId: number) => void,
    timeout: number = this.#limits.callTimeout,
  ): Promise<Command> {
    if (this.#closed !== undefined) throw this.#closed
    const { maxPendingCalls } = this.#limits
    if (this.#calls.size >= maxPendingCalls) {
      throw new UsageError('RTMP_ERR_PENDING_CALLS', `${maxPendingCalls} calls wait for their answers already`)
    }
    const id = this.#nextTransactionId
    this.#nextTransactionId += 1
    send(id)
    return new Promise((resolve, reject) => {
      const timer = deadline(name, timeout, error => {
        this.#calls.delete(id)
        reject(error)
      })
      this.#calls.set(id, { resolve, reject, timer })
    })
  }

  /** Takes `_result` or `_error`; an answer without a call is ignored. */
  answer(command: Command): void {
    const call = this.#calls.get(command.transactionId)
    if (call === undefined) return
    this.#calls.delete(command.transactionId)
    clearTimeout(call.timer)
    if (command.name === '_result') return call.resolve(command)
    call.reject(statusError(objectOf(command.args[0]), 'NetConnection.Call.Failed'))
  }

  /** Nothing can be answered any more. */
  close(error: Error): void {
    this.#closed ??= error
    for (const { reject, timer } of this.#calls.values()) {
      clearTimeout(timer)
      reject(error)
    }
    this.#calls.clear()
  }
}
