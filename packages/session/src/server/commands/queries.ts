import { type Command, commandMessage, resultMessage } from '../../protocol/command.ts'
import type { NetConnection } from '../net-connection.ts'

/**
 * getStreamLength, asked by ffmpeg before playing; not in the specification. Seconds, if a plugin's `onCall` knows
 * them; 0 is "not known", as of live streams.
 */
export async function getStreamLength(connection: NetConnection, command: Command): Promise<void> {
  if (command.transactionId === 0) return
  const question = { connection, method: 'getStreamLength', args: command.args }
  const length = await connection.hooks.call(question).catch(() => undefined)
  const isLength = typeof length === 'number' && length >= 0 && length < Infinity
  connection.send(resultMessage(command, null, isLength ? length : 0))
}

/** _checkbw, a client's wish for a bandwidth check; not in the specification. An answer lets it go on. */
export function checkBandwidth(connection: NetConnection, command: Command): void {
  if (command.transactionId !== 0) connection.send(resultMessage(command, null))
}

/** checkBandwidth, the same wish of Flash applications, which wait for `onBWDone`. Nothing is measured. */
export function checkBandwidthOfFlash(connection: NetConnection, command: Command): void {
  checkBandwidth(connection, command)
  connection.send(commandMessage(0, 'onBWDone', 0, null))
}

/** Takes commands that need no action: hints to servers that decide by themselves, and unasked answers. */
export function acknowledge(connection: NetConnection, command: Command): void {
  checkBandwidth(connection, command)
}

/** Status for a server makes no sense. */
export function ignore(): void {}
