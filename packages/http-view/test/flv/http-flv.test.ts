import { sampleStream, samples, send, settled } from '@rtmpipe/testing'
import { deny, type Plugin, type PlayInfo } from '@rtmpipe/session'
import { describe, expect, it } from 'vitest'
import { httpFlv } from '../../src/index.ts'
import { essence, FlvReader } from '../support/flv-of.ts'
import { served } from '../support/served.ts'

describe('httpFlv()', () => {
  it('shows what is published, from metadata, headers and keyframe on, and ends with it', async () => {
    const { test, get } = await served(httpFlv())
    const publisher = await test.publish('live/stream')
    const sent = sampleStream(12)
    await send(publisher, sent.slice(0, 9))
    const response = await get('/live/stream.flv')
    expect(response.status).toBe(200)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'video/x-flv',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'transfer-encoding': 'chunked',
      'x-content-type-options': 'nosniff',
    })
    const flv = new FlvReader(response)
    const beginning = await flv.take(9)
    expect(flv.header).toEqual({ hasAudio: true, hasVideo: true })
    await send(publisher, sent.slice(9))
    publisher.end()
    const all = [...beginning, ...(await flv.rest())]
    expect(all.map(essence).sort()).toEqual(sent.map(essence).sort())
  })
})
