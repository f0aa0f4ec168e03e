import { type AmfObject, propertiesOf } from '@rtmpipe/amf'
import type { StreamTrack } from '@rtmpipe/plugins/mp4'
import { codecString } from '../media/codec-string.ts'
import type { Rendition } from '../media/rendition.ts'

/** What is told of a rendition. */
export type ListedRendition = Pick<Rendition, 'name' | 'sent' | 'bandwidth' | 'frameRate'>

/** Metadata may say a rate that is this far from what is measured. */
const tolerance = 0.03

/**
 * The playlist that lists the others: a variant for each picture, and sound beside it where there is more than one of
 * either.
 *
 * @param properties the publisher's metadata
 * @param query behind each name, with its `?`
 */
export function multivariantPlaylist(
  renditions: readonly ListedRendition[],
  properties: AmfObject,
  query: string,
): string {
  const uriOf = ({ name }: ListedRendition): string => `${name}.m3u8${query}`
  const isSound = ({ sent }: ListedRendition): boolean => sent.every(({ output }) => output.kind === 'audio')
  const pictures = renditions.filter(rendition => !isSound(rendition))
  const sounds = renditions.filter(isSound)
  const variants = pictures.length > 0 ? pictures : sounds.slice(0, 1)
  const hasGroup = sounds.length > 0 && renditions.length > 1
  const lines = ['#EXTM3U', '#EXT-X-VERSION:7']
  if (hasGroup) {
    for (const [place, sound] of sounds.entries()) lines.push(mediaLine(sound, place, properties, uriOf(sound)))
  }
  for (const variant of variants) {
    const beside = hasGroup && pictures.length > 0 ? sounds : []
    lines.push(variantLine(variant, beside, properties, hasGroup), uriOf(variant))
  }
  return `${lines.join('\n')}\n`
}

function mediaLine(sound: ListedRendition, place: number, properties: AmfObject, uri: string): string {
  const trackId = sound.sent[0]?.trackId ?? place
  const info = propertiesOf(propertiesOf(properties['audioTrackIdInfoMap'])?.[trackId])
  const language = languageOf(info?.['language'] ?? info?.['lang'])
  const attributes = [
    'TYPE=AUDIO',
    'GROUP-ID="audio"',
    `NAME="${nameOf(info?.['title'] ?? info?.['name']) ?? `Track ${trackId + 1}`}"`,
    ...(language === undefined ? [] : [`LANGUAGE="${language}"`]),
    `DEFAULT=${place === 0 ? 'YES' : 'NO'}`,
    'AUTOSELECT=YES',
    `URI="${uri}"`,
  ]
  return `#EXT-X-MEDIA:${attributes.join(',')}`
}

function variantLine(
  variant: ListedRendition,
  beside: readonly ListedRendition[],
  properties: AmfObject,
  hasGroup: boolean,
): string {
  const rates = variant.bandwidth
  const peak = rates.peak + Math.max(0, ...beside.map(({ bandwidth }) => bandwidth.peak))
  const average = rates.average + Math.max(0, ...beside.map(({ bandwidth }) => bandwidth.average))
  const rate = frameRate(variant.frameRate, properties)
  const codecs = new Set(
    [...variant.sent, ...beside.flatMap(({ sent }) => sent)].map(track => codecString(track, rate)),
  )
  const picture = variant.sent.find(({ output }) => output.kind === 'video')
  const attributes = [
    `BANDWIDTH=${Math.max(1, Math.ceil(peak))}`,
    `AVERAGE-BANDWIDTH=${Math.max(1, Math.ceil(average))}`,
    `CODECS="${[...codecs].join(',')}"`,
    ...(picture === undefined ? [] : pictureAttributes(picture, rate)),
    ...(hasGroup ? ['AUDIO="audio"'] : []),
  ]
  return `#EXT-X-STREAM-INF:${attributes.join(',')}`
}

function pictureAttributes({ output }: StreamTrack, rate: number): string[] {
  return [`RESOLUTION=${output.width}x${output.height}`, `FRAME-RATE=${rate.toFixed(3)}`]
}

/** What the metadata says if it is about what comes; times in whole milliseconds do not tell 29.97 from 30. */
function frameRate(measured: number, properties: AmfObject): number {
  const said = Number(properties['framerate'] ?? properties['fps'])
  return Math.abs(said / measured - 1) < tolerance ? said : measured
}

/** Without what would end the attribute. */
function nameOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const name = value.replace(/[\p{Cc}"]/gu, '').slice(0, 64)
  return name.trim() === '' ? undefined : name
}

function languageOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^[A-Za-z]{2,8}(-[A-Za-z\d]{1,8})*$/.test(value) ? value : undefined
}
