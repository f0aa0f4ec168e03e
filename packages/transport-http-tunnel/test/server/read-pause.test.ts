import { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { ReadPause } from '../../src/server/read-pause.ts'

/** Makes `pause` stop reading from each of some sockets. */
async function paused(pause: ReadPause, sockets: readonly Socket[]): Promise<void> {
  for (const socket of sockets) {
    pause.note(socket, 32)
    await new Promise(resolve => process.nextTick(resolve))
    expect(socket.isPaused()).toBe(true)
  }
}

/** A socket that never connects; it has bytes to send if `full`. */
function socketOf(full = false): Socket {
  const socket = new Socket()
  if (full) Object.defineProperty(socket, 'writableNeedDrain', { value: true, configurable: true })
  return socket
}

describe('ReadPause', () => {
  it('resumes every socket it has paused', async () => {
    const pause = new ReadPause()
    const sockets = [socketOf(), socketOf(), socketOf()]
    await paused(pause, sockets)
    pause.adjust(16)
    expect(sockets.map(socket => socket.isPaused())).toEqual([true, true, true])
    pause.adjust(15)
    expect(sockets.map(socket => socket.isPaused())).toEqual([false, false, false])
  })

  it('lets a socket with answers that wait to leave go on when they have left', async () => {
    const pause = new ReadPause()
    const [full, free] = [socketOf(true), socketOf()]
    await paused(pause, [full, free])
    pause.adjust(0)
    expect([full.isPaused(), free.isPaused()]).toEqual([true, false])
    full.emit('drain')
    expect(full.isPaused()).toBe(false)
  })

  it('does not resume for answers that have left what it has paused again', async () => {
    const pause = new ReadPause()
    const full = socketOf(true)
    for (let count = 0; count < 20; count++) {
      await paused(pause, [full])
      pause.adjust(0)
    }
    expect(full.listenerCount('drain')).toBe(1)
    await paused(pause, [full])
    full.emit('drain')
    expect(full.isPaused()).toBe(true)
    pause.adjust(0)
    full.emit('drain')
    expect(full.isPaused()).toBe(false)
  })
})
