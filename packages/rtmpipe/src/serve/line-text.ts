import { harmless } from '@rtmpipe/net'
import type { StreamCodec } from '@rtmpipe/session'

type Fields = Readonly<Record<string, unknown>>

/** Fields that have a place of their own in the line, or are of no use to people. */
const placed: ReadonlySet<string> = new Set(
  'app stream codecs duration bytes bytesReceived bytesSent remote transport reason principal connection'.split(' '),
)

/**
 * A line of the log as people read it: what happened, to which stream, what it is made of, how long and how much, what
 * else there is, from where, and why. `publish started live/cam 1280x720 H.264 30 fps + AAC 48 kHz from 192.0.2.7 rtmp`
 */
export function lineText(fields: object, message: string): string {
  const all = fields as Fields
  const { app, stream, codecs, duration, bytes, bytesReceived, bytesSent, remote, transport, reason, principal } = all
  const words = [
    message,
    [app, stream].filter(name => typeof name === 'string' && name !== '').join('/'),
    Array.isArray(codecs) ? (codecs as StreamCodec[]).map(codecText).join(' + ') : '',
    typeof duration === 'number' ? `after ${durationText(duration)}` : '',
    typeof bytes === 'number' ? sizeText(bytes) : '',
    typeof bytesReceived === 'number' ? `${sizeText(bytesReceived)} in` : '',
    typeof bytesSent === 'number' ? `${sizeText(bytesSent)} out` : '',
    ...Object.entries(all).flatMap(([name, value]) => (isShown(name, value) ? `${name}=${valueText(value)}` : [])),
    typeof principal === 'string' ? `as ${principal}` : '',
    typeof remote === 'string' && !message.startsWith(hostOf(remote)) ? `from ${hostOf(remote)}` : '',
    typeof transport === 'string' ? transport : '',
  ]
  const text = words.filter(word => word !== '').join(' ')
  return harmless(typeof reason === 'string' ? `${text}: ${reason}` : text)
}

/** That nothing was dropped is what everybody expects; an error has lines of its own. */
function isShown(name: string, value: unknown): boolean {
  return !placed.has(name) && !(value instanceof Error) && value !== undefined && !(name === 'dropped' && value === 0)
}

const codecNames: Readonly<Record<string, string>> = {
  avc1: 'H.264',
  hvc1: 'H.265',
  vvc1: 'H.266',
  av01: 'AV1',
  vp08: 'VP8',
  vp09: 'VP9',
  mp4a: 'AAC',
  'ac-3': 'AC-3',
  'ec-3': 'E-AC-3',
  fLaC: 'FLAC',
  '.mp3': 'MP3',
}

/** The name that people know it by. */
export function codecName(codec: string): string {
  return (Object.hasOwn(codecNames, codec) ? codecNames[codec] : undefined) ?? codec
}

/** `1280x720 H.264 30 fps`, `AAC 48 kHz`. */
function codecText({ codec, width, height, frameRate, sampleRate }: StreamCodec): string {
  return [
    width === undefined || height === undefined ? '' : `${width}x${height}`,
    codecName(codec),
    frameRate === undefined ? '' : `${Number(frameRate.toFixed(2))} fps`,
    sampleRate === undefined ? '' : `${Number((sampleRate / 1_000).toFixed(2))} kHz`,
  ]
    .filter(word => word !== '')
    .join(' ')
}

/** `0.3 s`, `1:02:03`. */
export function durationText(milliseconds: number): string {
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`
  const seconds = Math.round(milliseconds / 1_000)
  const two = (count: number) => String(count).padStart(2, '0')
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60]
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`
}

/** `412.6 MB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  const [unit, size] = bytes < 1e6 ? ['kB', 1e3] : bytes < 1e9 ? ['MB', 1e6] : ['GB', 1e9]
  return `${(bytes / (size as number)).toFixed(1)} ${unit}`
}

function valueText(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : (JSON.stringify(value) ?? String(value))
}

function hostOf(remote: string): string {
  return remote.replace(/:\d+$/, '')
}
