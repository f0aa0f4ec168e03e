import type { Plugin } from '@rtmpipe/session'
import { describe, expect, it } from 'vitest'
import * as auth from '../src/auth/index.ts'
import * as publisherReturn from '../src/publisher-return/index.ts'
import * as quotas from '../src/quotas/index.ts'
import * as record from '../src/record/index.ts'
import * as relay from '../src/relay/index.ts'
import * as vod from '../src/vod/index.ts'

type Factory = (options: never) => Plugin

const connect = () => Promise.reject(new Error('not asked for'))

/** Each factory with options that are right, one that is misspelt, and what is to be said of it. */
const slips: readonly [factory: Factory, right: object, misspelt: object, says: string][] = [
  [
    auth.publishKeys,
    { keys: ['k'] },
    { action: ['play'] },
    'publishKeys(): there is no option action, did you mean actions?',
  ],
  [
    auth.publishKeys,
    {},
    { keys: [{ key: 'k', stream: ['*'] }] },
    'publishKeys().keys: there is no option stream, did you mean streams?',
  ],
  [auth.signedUrls, { keys: 'k' }, { acions: [] }, 'signedUrls(): there is no option acions, did you mean actions?'],
  [
    auth.jwtAuth,
    { key: { secret: 's' } },
    { audiance: 'x' },
    'jwtAuth(): there is no option audiance, did you mean audience?',
  ],
  [
    auth.httpCallback,
    { url: 'http://127.0.0.1/' },
    { timeOut: 1 },
    'httpCallback(): there is no option timeOut, did you mean timeout?',
  ],
  [
    auth.httpCallback,
    { url: 'http://127.0.0.1/' },
    { update: { url: 'http://127.0.0.1/', intervall: 1 } },
    'httpCallback().update: there is no option intervall, did you mean interval?',
  ],
  [auth.ipFilter, {}, { alow: ['127.0.0.1'] }, 'ipFilter(): there is no option alow, did you mean allow?'],
  [
    auth.authmod,
    { users: {} },
    { maxChallenge: 1 },
    'authmod(): there is no option maxChallenge, did you mean maxChallenges?',
  ],
  [
    quotas.quotas,
    {},
    { viewerPerStream: 1 },
    'quotas(): there is no option viewerPerStream, did you mean viewersPerStream?',
  ],
  [
    quotas.quotas,
    {},
    { bitrate: { bitPerSecond: 1 } },
    'quotas().bitrate: there is no option bitPerSecond, did you mean bitsPerSecond?',
  ],
  [
    quotas.quotas,
    {},
    { connectionsPerAddress: { connection: 1 } },
    'quotas().connectionsPerAddress: there is no option connection, did you mean connections?',
  ],
  [
    publisherReturn.publisherReturn,
    { policy: 'resume' },
    { graze: 1 },
    'publisherReturn(): there is no option graze, did you mean grace?',
  ],
  [
    record.record,
    { dir: 'x' },
    { onRecord: () => {} },
    'record(): there is no option onRecord, did you mean onRecorded?',
  ],
  [
    record.record,
    { dir: 'x' },
    { segment: { durations: 1 } },
    'record().segment: there is no option durations, did you mean duration?',
  ],
  [relay.relayPush, { connect }, { too: [] }, 'relayPush(): there is no option too, did you mean to?'],
  [
    relay.relayPull,
    { connect, from: () => undefined },
    { maxStream: 1 },
    'relayPull(): there is no option maxStream, did you mean maxStreams?',
  ],
  [
    relay.relayPull,
    { connect, from: () => undefined },
    { backoff: { minimum: 1 } },
    'backoff: there is no option minimum',
  ],
  [vod.vod, { dir: 'x' }, { cachSize: 1 }, 'vod(): there is no option cachSize, did you mean cacheSize?'],
]

describe('a plugin that comes along', () => {
  it.each(slips)('%o refuses a misspelt option, and says which was meant', (factory, right, misspelt, says) => {
    const error = expect.objectContaining({ code: 'RTMP_ERR_USAGE', message: expect.stringContaining(says) })
    expect(() => factory({ ...right, ...misspelt } as never)).toThrow(error)
  })

  it('has a slip in this list whatever its name', () => {
    const all = [auth, quotas, publisherReturn, record, relay, vod].flatMap(module => Object.entries(module))
    const classes = all.filter(([name]) => `${name}`.endsWith('_OPTIONS'))
    expect(new Set(slips.map(([{ name }]) => name)).size).toBe(classes.length)
  })

  it.each<[factory: Factory, options: object, option: string]>([
    [auth.authmod, { users: {}, maxChallenges: -1 }, 'maxChallenges'],
    [auth.authmod, { users: {}, challengeTimeout: -1 }, 'challengeTimeout'],
    [auth.httpCallback, { url: 'http://127.0.0.1/', timeout: -1 }, 'timeout'],
    [auth.httpCallback, { url: 'http://127.0.0.1/', retries: -1 }, 'retries'],
    [auth.jwtAuth, { key: { secret: 's' }, clockTolerance: -1 }, 'clockTolerance'],
    [publisherReturn.publisherReturn, { policy: 'resume', grace: -1 }, 'grace'],
    [quotas.quotas, { viewersPerStream: -1 }, 'viewersPerStream'],
    [quotas.quotas, { bitrate: -1 }, 'bitrate'],
    [record.record, { dir: 'x', segment: { duration: -1 } }, 'duration'],
    [relay.relayPull, { connect, from: () => undefined, linger: -1 }, 'linger'],
    [relay.relayPull, { connect, from: () => undefined, maxStreams: -1 }, 'maxStreams'],
    [vod.vod, { dir: 'x', cacheSize: -1 }, 'cacheSize'],
  ])('%o refuses a number below 0: %o', (factory, options, option) => {
    expect(() => factory(options as never)).toThrow(option)
  })

  it('names what a relay can not do without', () => {
    expect(() => relay.relayPush({} as never)).toThrow('relayPush() needs connect')
    expect(() => relay.relayPull({ from: () => undefined } as never)).toThrow('relayPull() needs connect')
    expect(() => relay.relayPull({ connect } as never)).toThrow('relayPull() needs from')
  })
})
