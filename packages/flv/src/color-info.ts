import { type AmfObject, type AmfValue, propertiesOf } from '@rtmpipe/amf'

/** Colours and light of a video (Enhanced RTMP v2, "Metadata Frame"). Empty to go back to the original colours. */
export interface ColorInfo {
  /** How colours are coded. */
  readonly colorConfig?: ColorConfig
  /** How bright the pictures are. */
  readonly hdrCll?: HdrCll
  /** The display that they were made for. */
  readonly hdrMdcv?: HdrMdcv
}

/** Numbers of ISO/IEC 23091-4 (ITU-T H.273). */
export interface ColorConfig {
  /** Bits of a colour channel: 8, 10 or 12. */
  readonly bitDepth?: number
  /** What red, green, blue and white are: `ColourPrimaries` of H.273. */
  readonly colorPrimaries?: number
  /** From light to signal: `TransferCharacteristics` of H.273. */
  readonly transferCharacteristics?: number
  /** From RGB to luma and chroma: `MatrixCoefficients` of H.273. */
  readonly matrixCoefficients?: number
}

/** Content light level in cd/m², of the whole sequence. */
export interface HdrCll {
  /** Greatest average of a frame. */
  readonly maxFall?: number
  /** Greatest of a pixel. */
  readonly maxCLL?: number
}

/** The display it was mastered on (SMPTE ST 2086): CIE 1931 coordinates, and luminance in cd/m². */
export interface HdrMdcv {
  /** x of red. */
  readonly redX?: number
  /** y of red. */
  readonly redY?: number
  /** x of green. */
  readonly greenX?: number
  /** y of green. */
  readonly greenY?: number
  /** x of blue. */
  readonly blueX?: number
  /** y of blue. */
  readonly blueY?: number
  /** x of white. */
  readonly whitePointX?: number
  /** y of white. */
  readonly whitePointY?: number
  /** cd/m² of its brightest white. */
  readonly maxLuminance?: number
  /** cd/m² of its darkest black. */
  readonly minLuminance?: number
}

const colorConfigKeys = ['bitDepth', 'colorPrimaries', 'transferCharacteristics', 'matrixCoefficients'] as const
const hdrCllKeys = ['maxFall', 'maxCLL'] as const
const hdrMdcvKeys = [
  'redX',
  'redY',
  'greenX',
  'greenY',
  'blueX',
  'blueY',
  'whitePointX',
  'whitePointY',
  'maxLuminance',
  'minLuminance',
] as const

/**
 * Takes the numbers out of a `colorInfo` value and leaves the rest, such as unknown properties. `{}` for undefined and
 * null; undefined for what is no object.
 */
export function colorInfoFromAmf(value: AmfValue): ColorInfo | undefined {
  if (value === undefined || value === null) return {}
  const properties = propertiesOf(value)
  if (properties === undefined) return undefined
  const colorConfig = numbers(propertiesOf(properties.colorConfig), colorConfigKeys)
  const hdrCll = numbers(propertiesOf(properties.hdrCll), hdrCllKeys)
  const hdrMdcv = numbers(propertiesOf(properties.hdrMdcv), hdrMdcvKeys)
  return { ...(colorConfig && { colorConfig }), ...(hdrCll && { hdrCll }), ...(hdrMdcv && { hdrMdcv }) }
}

/** The `colorInfo` value to send: undefined, as the specification recommends, for an empty one. */
export function colorInfoToAmf({ colorConfig, hdrCll, hdrMdcv }: ColorInfo): AmfObject | undefined {
  const parts: [string, AmfObject | undefined][] = [
    ['colorConfig', numbers(colorConfig, colorConfigKeys)],
    ['hdrCll', numbers(hdrCll, hdrCllKeys)],
    ['hdrMdcv', numbers(hdrMdcv, hdrMdcvKeys)],
  ]
  const present = parts.filter(([, part]) => part !== undefined)
  return present.length === 0 ? undefined : Object.fromEntries(present)
}

/** What of these keys is a number of the object's own; undefined if there is no object. */
function numbers<Key extends string>(
  properties: { readonly [key in Key]?: AmfValue } | undefined,
  keys: readonly Key[],
): { [key in Key]?: number } | undefined {
  if (properties === undefined) return undefined
  const found: { [key in Key]?: number } = {}
  for (const key of keys) {
    const number = Object.hasOwn(properties, key) ? properties[key] : undefined
    if (typeof number === 'number' && Number.isFinite(number)) found[key] = number
  }
  return found
}
