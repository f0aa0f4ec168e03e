import type { Results } from './results.ts'
export async function writeDocs(results: Results): Promise<string[]> {
  return [results.date]
}
