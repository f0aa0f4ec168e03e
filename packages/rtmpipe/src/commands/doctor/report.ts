import type { Finding } from './finding.ts'

const indent = ' '.repeat(24)

/** For people: a line for each finding, and one below it for what to do. */
export function findingsText(findings: readonly Finding[]): string {
  const lines = findings.map(finding => {
    const line = `${finding.level.padEnd(9)}${finding.check.padEnd(15)}${oneLine(finding.text)}\n`
    return finding.level === 'fine' ? line : `${line}${indent}→ ${oneLine(finding.advice)}\n`
  })
  const { problems, warnings } = counts(findings)
  return `${lines.join('')}\n${several(problems, 'problem')}, ${several(warnings, 'warning')}\n`
}

/** For programs. */
export function findingsJson(findings: readonly Finding[]): string {
  return `${JSON.stringify({ ...counts(findings), findings }, null, 2)}\n`
}

function counts(findings: readonly Finding[]): { problems: number; warnings: number } {
  const count = (wanted: Finding['level']) => findings.filter(({ level }) => level === wanted).length
  return { problems: count('problem'), warnings: count('warning') }
}

function several(count: number, what: string): string {
  return `${count === 0 ? 'no' : count} ${what}${count === 1 ? '' : 's'}`
}

/** Names of files and of other programs may hold anything. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
}
