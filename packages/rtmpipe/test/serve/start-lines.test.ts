import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { StartLines } from '../../src/serve/start-lines.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function lines() {
  const said: object[] = []
  const note = (fields: object, message: string) => void said.push({ ...fields, message })
  const log = new StartLines({ debug: note, info: note, warn: note, error: note })
  return { said, log }
}

const cam = { connection: 'a', app: 'live', stream: 'cam' }
const codecs = [{ kind: 'audio', codec: 'mp4a' }]

it('one line tells of the start of a publish and of what is published', () => {
  const { said, log } = lines()
  log.info({ ...cam, principal: 'p' }, 'publish started')
  log.info({ ...cam, connection: 'b', codecs: [] }, 'publish media')
  log.info(cam, 'play started')
  log.info({ ...cam, codecs }, 'publish media')
  expect(said).toEqual([
    { ...cam, connection: 'b', codecs: [], message: 'publish media' },
    { ...cam, message: 'play started' },
    { ...cam, principal: 'p', codecs, message: 'publish started' },
  ])
})

it('the line comes without when nothing is published for a while, and what comes later has one of its own', () => {
  const { said, log } = lines()
  log.info(cam, 'publish started')
  vi.advanceTimersByTime(1_999)
  expect(said).toEqual([])
  vi.advanceTimersByTime(1)
  log.info({ ...cam, codecs }, 'publish media')
  expect(said).toEqual([
    { ...cam, message: 'publish started' },
    { ...cam, codecs, message: 'publish media' },
  ])
})

it('the start stands before the end', () => {
  const { said, log } = lines()
  log.info(cam, 'publish started')
  log.info(cam, 'publish ended')
  vi.advanceTimersByTime(5_000)
  expect(said).toEqual([
    { ...cam, message: 'publish started' },
    { ...cam, message: 'publish ended' },
  ])
})
