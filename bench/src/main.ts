import { parseArguments, usage } from './arguments.ts'
import { compareResults } from './compare.ts'
import { writeDocs } from './docs.ts'
import { goalLines } from './goals.ts'
import { describeMachine } from './machine.ts'
import { measure } from './measure.ts'
import { loadResults, newestResults, type Results } from './results.ts'
import { measuresNothing } from './selection.ts'
import { textTable } from './table.ts'

// What has been started is ended by the handlers of 'exit'.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

try {
  await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`bench: ${(error as Error).message}\n`)
  process.exitCode = 1
}

async function main(words: readonly string[]): Promise<void> {
  const args = parseArguments(words)
  if (args === 'help') return print(usage)
  const base = args.compare === undefined ? undefined : loadResults(args.compare)
  const shown = args.from ?? (measuresNothing(args.words) ? newestResults() : undefined)
  const results = shown === undefined ? await measure(args) : loadResults(shown)
  show(results)
  if (base !== undefined) print(`\n${compareResults(base, results)}`)
  if (args.words.includes('docs')) print(`\ndocs: ${(await writeDocs(results)).join(', ')}`)
  else if (shown === undefined) print(`\nbench/results/${args.name}.json`)
}

function show(results: Results): void {
  print(`${describeMachine(results.machine)}, ${results.seconds} s × ${results.rounds}, ${results.date}`)
  for (const group of results.groups) print(`\n${textTable(group)}`)
  const goals = goalLines(results)
  if (goals.length > 0) print(`\n${goals.join('\n')}`)
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
