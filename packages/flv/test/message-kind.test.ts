import { expect, it } from 'vitest'
import { isFrame, isMediaHeader, isMetadata, isPicture, isSound } from '../src/index.ts'

it.each([
  ['AVC header', 9, '1700000000', 'header'],
  ['keyframe', 9, '1701000000aa', 'picture'],
  ['Enhanced header', 9, '9068766331', 'header'],
  ['Enhanced frame', 9, '9168766331000000aa', 'picture'],
  ['colors', 9, '947676633102', 'header'],
  ['seek command', 9, '5700', 'other'],
  ['AAC header', 8, 'af001210', 'header'],
  ['AAC frame', 8, 'af01aa', 'sound'],
  ['Enhanced audio header', 8, '904f707573', 'header'],
  ['Enhanced audio frame', 8, '914f707573aa', 'sound'],
  ['channels', 8, '944f7075730102', 'header'],
  ['empty audio', 8, '', 'other'],
  ['metadata', 18, `02000a${Buffer.from('onMetaData').toString('hex')}05`, 'metadata'],
  ['other data', 18, `02000a${Buffer.from('onTextData').toString('hex')}05`, 'other'],
  ['a picture of another type', 20, '1701000000aa', 'other'],
])('%s', (_, messageTypeId, hex, kind) => {
  const message = { messageTypeId, payload: Buffer.from(hex, 'hex') }
  expect({
    sound: isSound(message),
    picture: isPicture(message),
    frame: isFrame(message),
    header: isMediaHeader(message),
    metadata: isMetadata(message),
  }).toEqual({
    sound: kind === 'sound',
    picture: kind === 'picture',
    frame: kind === 'sound' || kind === 'picture',
    header: kind === 'header',
    metadata: kind === 'metadata',
  })
})
