import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { markdownFiles } from './markdown.ts'
import { SnippetProject, snippetsOf } from './snippet-project.ts'

const snippets = markdownFiles().flatMap(snippetsOf)

describe('TypeScript in the documents', () => {
  let project: SnippetProject
  let complaints: readonly string[]

  beforeAll(async () => {
    project = await SnippetProject.create(snippets)
    complaints = await project.compile()
  }, 150_000)

  afterAll(() => project[Symbol.asyncDispose]())

  it('is there at all', () => {
    expect(snippets.length).toBeGreaterThan(10)
    expect(snippets.filter(({ runs }) => runs).length).toBeGreaterThan(2)
  })

  it('compiles against the built packages', () => {
    expect(complaints).toEqual([])
  })

  it.each(snippets.filter(({ runs }) => runs))('$file runs', async snippet => {
    await project.run(snippet)
  })
})
