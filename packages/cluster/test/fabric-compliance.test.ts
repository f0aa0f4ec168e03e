import { fabricCompliance } from '@rtmpipe/cluster/testing'
import { describe, it } from 'vitest'
import { fabrics } from './support/fabrics.ts'

describe.each(fabrics)('$name', ({ create }) => {
  it.each(fabricCompliance)('$name', one => one.run(create))
})
