import { EventEmitter } from 'node:events'
import { expect, test, vi } from 'vitest'
import { ChatRoom } from '../src/pages/chat-room.ts'
import { loadLibrary } from '../src/pages/library.ts'

vi.mock('../src/pages/library.ts')

test('a room that the server has ended leaves no connection behind', async () => {
  vi.stubGlobal('location', { protocol: 'http:', host: 'example.com' })
  const room = new EventEmitter()
  const close = vi.fn<() => Promise<void>>(async () => {})
  const client = { sharedObject: async () => room, close }
  vi.mocked(loadLibrary).mockResolvedValue({ connect: async () => client } as never)
  const over = vi.fn<() => void>()
  await ChatRoom.enter({ app: 'live', name: 'show' }, () => {}, over)
  room.emit('close')
  expect(close).toHaveBeenCalledOnce()
  expect(over).toHaveBeenCalledOnce()
  vi.unstubAllGlobals()
})
