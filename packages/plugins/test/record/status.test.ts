import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type PublishInfo, type Status, status } from '@rtmpipe/session'
import { sampleStream } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { RecordStatus } from '../../src/record/record-status.ts'
import { temporaryFolder } from './support/folder.ts'
import { RecordingServer, send } from './support/recorded.ts'

/** Codes that a publisher hears of a recording, up to one of them. */
async function heard(recording: RecordingServer, type: 'live' | 'record' | 'append', last: string): Promise<string[]> {
  const client = await recording.server.connect('live')
  const codes: string[] = []
  const told = new Promise<void>(resolve => {
    void client.publish('cam', { type }).then(async publisher => {
      publisher.on('error', () => {})
      publisher.on('status', ({ code }: Status) => {
        if (code.startsWith('NetStream.Record.')) codes.push(code)
        if (code === last) resolve()
        if (code === 'NetStream.Record.Start') void recording.recorder.stop('live', 'cam')
      })
      await send(publisher, sampleStream(10))
    })
  })
  await told
  return codes
}

describe('a publisher that asks for a recording', () => {
  it.each(['record', 'append'] as const)('by the type %s is told of its start and its end', async type => {
    await using recording = new RecordingServer({ dir: temporaryFolder(), when: 'asked' })
    expect(await heard(recording, type, 'NetStream.Record.Stop')).toEqual([
      'NetStream.Record.Start',
      'NetStream.Record.Stop',
    ])
  })

  it('is told when nobody wants to record it', async () => {
    await using recording = new RecordingServer({ dir: temporaryFolder(), when: () => false })
    expect(await heard(recording, 'record', 'NetStream.Record.NoAccess')).toEqual(['NetStream.Record.NoAccess'])
  })

  it('is told when the folder is none', async () => {
    const dir = join(temporaryFolder(), 'file')
    writeFileSync(dir, '')
    await using recording = new RecordingServer({ dir, when: 'asked' })
    expect(await heard(recording, 'record', 'NetStream.Record.Failed')).toEqual(['NetStream.Record.Failed'])
    expect(recording.failures.map(({ app }) => app)).toContain('live')
  })
})

describe('RecordStatus', () => {
  const told: Status[] = []
  const publish = (publishingType: PublishInfo['publishingType']): RecordStatus => {
    const info: Partial<PublishInfo> = { publishingType, streamName: 'cam', tell: info => void told.push(info) }
    told.length = 0
    return new RecordStatus(info as PublishInfo)
  }
  const failure = (code: string) => Object.assign(new Error(`${code}: open '/secret/place'`), { code })

  it.each([
    ['EACCES', 'NetStream.Record.NoAccess', 'recordings can not be written here'],
    ['EPERM', 'NetStream.Record.NoAccess', 'recordings can not be written here'],
    ['EROFS', 'NetStream.Record.NoAccess', 'recordings can not be written here'],
    ['EDQUOT', 'NetStream.Record.DiskQuotaExceeded', 'there is no more room for recordings'],
    ['ENOSPC', 'NetStream.Record.Failed', 'the disk is full'],
    ['EIO', 'NetStream.Record.Failed', 'the recording has failed'],
  ] as const)('%s is %s, and no path is told', (code, expected, description) => {
    publish('record').failed(failure(code))
    expect(told).toEqual([status(expected, description)])
  })

  it('tells a start once, and no end after a failure', () => {
    const record = publish('append')
    record.started()
    record.started()
    record.failed(failure('ENOSPC'))
    record.stopped()
    expect(told.map(({ code }) => code)).toEqual(['NetStream.Record.Start', 'NetStream.Record.Failed'])
  })

  it('says nothing to who publishes live', () => {
    const record = publish('live')
    record.started()
    record.stopped()
    record.failed(failure('EACCES'))
    record.refused()
    expect(told).toEqual([])
  })
})
