import { expect, it } from 'vitest'
import { Emitter } from '../src/browser/emitter.ts'

class Bell extends Emitter<{ ring: [times: number]; error: [error: Error] }> {
  ring(times: number): void {
    this.tell('ring', times)
  }

  fail(): void {
    this.tell('error', new Error('no bell'))
  }
}

it('tells those who listen, and needs nobody to', () => {
  const bell = new Bell()
  const heard: number[] = []
  const listen = (times: number): void => void heard.push(times)
  bell.on('ring', listen).on('ring', times => heard.push(-times))
  bell.ring(1)
  bell.off('ring', listen)
  bell.ring(2)
  bell.fail()
  expect(heard).toEqual([1, -1, -2])
})
