import { Directory, type DirectoryWorker, type PrimaryMessage, type WorkerRequest } from '@rtmpipe/cluster'
import { describe, expect, it } from 'vitest'

/** A worker that says what the test wants, and writes down what it hears. */
class Worker implements DirectoryWorker {
  readonly path: string
  readonly heard: PrimaryMessage[] = []
  say: (request: WorkerRequest) => void = () => {}
  readonly line: DirectoryWorker['line'] = {
    send: message => void this.heard.push(message),
    onMessage: take => void (this.say = take),
  }

  constructor(directory: Directory, path: string) {
    this.path = path
    directory.add(this)
  }

  /** What it has heard since it was last asked. */
  news(): PrimaryMessage[] {
    return this.heard.splice(0)
  }
}

function setUp(): { directory: Directory; one: Worker; two: Worker } {
  const directory = new Directory()
  return { directory, one: new Worker(directory, '/one'), two: new Worker(directory, '/two') }
}

describe('Directory', () => {
  it('grants a name to the first, refuses it with epoch 0, and never uses an epoch twice', () => {
    const { one, two } = setUp()
    one.say({ type: 'claim', key: 'a', request: 7 })
    two.say({ type: 'claim', key: 'a', request: 1 })
    two.say({ type: 'claim', key: 'b', request: 2 })
    one.say({ type: 'release', key: 'a', epoch: 1 })
    two.say({ type: 'claim', key: 'a', request: 3 })
    expect(one.news()).toEqual([{ type: 'claimed', request: 7, epoch: 1 }])
    expect(two.news()).toEqual([
      { type: 'claimed', request: 1, epoch: 0 },
      { type: 'claimed', request: 2, epoch: 2 },
      { type: 'claimed', request: 3, epoch: 3 },
    ])
  })

  it('tells who watches, and nobody else, where a stream is; its own worker that there is none', () => {
    const { one, two } = setUp()
    for (const worker of [one, two]) worker.say({ type: 'watch', key: 'a' })
    one.say({ type: 'watch', key: 'b' })
    one.news()
    expect(two.news()).toEqual([{ type: 'owner', key: 'a', epoch: 0 }])
    one.say({ type: 'claim', key: 'a', request: 1 })
    expect(two.news()).toEqual([])
    one.news()
    one.say({ type: 'offer', key: 'a', epoch: 1 })
    expect(two.news()).toEqual([{ type: 'owner', key: 'a', epoch: 1, path: '/one' }])
    expect(one.news()).toEqual([{ type: 'owner', key: 'a', epoch: 1 }])
    one.say({ type: 'release', key: 'a', epoch: 1 })
    expect(two.news()).toEqual([{ type: 'owner', key: 'a', epoch: 0 }])
    two.say({ type: 'unwatch', key: 'a' })
    one.say({ type: 'claim', key: 'a', request: 2 })
    one.say({ type: 'offer', key: 'a', epoch: 2 })
    expect(two.news()).toEqual([])
  })

  it('lets nobody offer or release what is not theirs', () => {
    const { one, two } = setUp()
    one.say({ type: 'claim', key: 'a', request: 1 })
    one.say({ type: 'watch', key: 'a' })
    one.news()
    two.say({ type: 'offer', key: 'a', epoch: 1 })
    two.say({ type: 'release', key: 'a', epoch: 1 })
    one.say({ type: 'offer', key: 'a', epoch: 2 })
    one.say({ type: 'release', key: 'a', epoch: 2 })
    two.say({ type: 'unwatch', key: 'a' })
    two.say({ type: 'unwatch', key: 'never watched' })
    expect(one.news()).toEqual([])
    two.say({ type: 'claim', key: 'a', request: 2 })
    expect(two.news()).toEqual([{ type: 'claimed', request: 2, epoch: 0 }])
  })

  it('frees the names of a worker that is gone, and does not hear its last words', () => {
    const { directory, one, two } = setUp()
    two.say({ type: 'watch', key: 'a' })
    one.say({ type: 'watch', key: 'b' })
    one.say({ type: 'claim', key: 'a', request: 1 })
    one.say({ type: 'offer', key: 'a', epoch: 1 })
    two.news()
    one.news()
    directory.remove(one)
    expect(two.news()).toEqual([{ type: 'owner', key: 'a', epoch: 0 }])
    one.say({ type: 'claim', key: 'a', request: 2 })
    one.say({ type: 'watch', key: 'a' })
    two.say({ type: 'claim', key: 'a', request: 1 })
    two.say({ type: 'offer', key: 'a', epoch: 2 })
    two.say({ type: 'claim', key: 'b', request: 2 })
    expect(two.news()).toContainEqual({ type: 'claimed', request: 1, epoch: 2 })
    expect(one.news()).toEqual([])
  })
})
