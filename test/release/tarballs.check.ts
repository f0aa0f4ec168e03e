import { expect, inject, it } from 'vitest'

it('every package can be published: publint, license, repository, keywords, links, no sources', () => {
  expect(inject('faults')).toEqual([])
})
