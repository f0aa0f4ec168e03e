import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'

// Bodies put together by hand, after RTMP 1.0 §7.1.3 and what Flash sends.

/** Bytes from hexadecimal digits; spaces are for the reader. */
export function hex(digits: string): Buffer {
  return Buffer.from(digits.replaceAll(' ', ''), 'hex')
}

/** 16 bit length and characters, as hexadecimal digits. */
export function text(value: string): string {
  return Buffer.byteLength(value).toString(16).padStart(4, '0') + Buffer.from(value).toString('hex')
}

/** Type, length and data of one event, as hexadecimal digits. */
export function event(type: number, data = ''): string {
  const length = data.replaceAll(' ', '').length / 2
  return type.toString(16).padStart(2, '0') + length.toString(16).padStart(8, '0') + data
}

/** A message of type 19. */
export function raw(name: string, version: number, flags: number, ...events: string[]): RtmpMessage {
  const numbers = [version, flags, 0].map(number => number.toString(16).padStart(8, '0')).join('')
  const payload = hex(text(name) + numbers + events.join(''))
  return { messageTypeId: MessageType.SharedObjectAmf0, messageStreamId: 0, timestamp: 0, payload }
}

/** The same as type 16. */
export function raw16(...parts: Parameters<typeof raw>): RtmpMessage {
  const message = raw(...parts)
  const payload = Buffer.concat([Buffer.of(0), message.payload])
  return { ...message, messageTypeId: MessageType.SharedObjectAmf3, payload }
}

/** Values in AMF0. */
export const one = '00 3ff0000000000000'
export const two = '00 4000000000000000'
export const yes = '01 01'

// Events of clients.
export const use: string = event(1)
export const release: string = event(2)
export const setOne = (key: string): string => event(3, text(key) + one)
export const setTwo = (key: string): string => event(3, text(key) + two)
export const send = (handler: string, ...args: string[]): string => event(6, `02${text(handler)}${args.join('')}`)
export const remove = (key: string): string => event(10, text(key))

// Events of servers.
export const change = (...pairs: [key: string, value: string][]): string =>
  event(4, pairs.map(([key, value]) => text(key) + value).join(''))
export const success = (key: string): string => event(5, text(key))
export const refusal = (code: string): string => event(7, text(code) + text('error'))
export const clear: string = event(8)
export const removed = (key: string): string => event(9, text(key))
export const useSuccess: string = event(11)
