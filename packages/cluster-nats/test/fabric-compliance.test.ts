import { fabricCompliance, type FabricSubject } from '@rtmpipe/cluster/testing'
import { describe, it } from 'vitest'
import { memorySubject } from './support/memory-subject.ts'

describe('BusFabric', () => {
  it.each(fabricCompliance)('$name', one => one.run((): FabricSubject => memorySubject()))
})
