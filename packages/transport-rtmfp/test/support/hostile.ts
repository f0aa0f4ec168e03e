import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EndpointLimits, EndpointUsage } from '../../src/index.ts'
import { HostileScene } from './hostile-scene.ts'

/** What is done to a running server, by whom it is not meant to be done. */
export type Attack = readonly [name: string, run: (scene: HostileScene) => Promise<unknown>]

/** Some attacks are all that a processor can do for seconds, and others may want it too. Milliseconds. */
const LONGEST = 120_000
const MOST_GROWTH = 128 * 1024 * 1024

/**
 * Tries attacks one after the other. After each of them the innocent have lost nothing, and nobody has been sent more than three
 * times what came from his address; after all, the server has its memory back.
 */
export function hostile(
  name: string,
  attacks: readonly Attack[],
  { patience, limits = {} }: { readonly patience: number; readonly limits?: Partial<EndpointLimits> },
): void {
  describe(name, { timeout: LONGEST }, () => {
    let scene: HostileScene
    let before: EndpointUsage
    let rss = 0
    let highest = 0

    beforeAll(async () => {
      scene = await HostileScene.open(limits, patience)
      await scene.goesOn()
      before = scene.listener.usage
      rss = process.memoryUsage.rss()
    })
    afterAll(() => scene.close())

    it.each(attacks)('%s', async (_name, run) => {
      await run(scene)
      const worst = await scene.settle()
      expect(worst).toBeLessThanOrEqual(3)
      expect(scene.faults).toEqual([])
      highest = Math.max(highest, process.memoryUsage.rss())
    })

    it('is over, and nothing of it is left', async () => {
      expect(before.sessions).toBe(2)
      await expect
        .poll(() => scene.listener.usage, { timeout: 60_000 })
        .toMatchObject({ sessions: 2, flows: before.flows, receivedBytes: 0 })
      expect(scene.listener.usage.queuedBytes).toBeLessThan(64 * 1024)
      expect(scene.server.connections.size).toBe(2)
      expect(scene.receivedBytes / Math.max(scene.sentBytes, 1)).toBeLessThan(3)
      expect(highest - rss).toBeLessThan(MOST_GROWTH)
      await scene.goesOn()
      expect(scene.faults).toEqual([])
    })
  })
}
