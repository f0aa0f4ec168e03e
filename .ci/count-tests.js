// Prints "PASSED FAILED" from vitest's JSON report: node count-tests.js REPORT EXIT_STATUS
import { readFileSync } from 'node:fs'

const [file, exitStatus] = process.argv.slice(2)
const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(file, 'utf8'))
// A file that could not be loaded has failed without a failed test.
const brokenFiles = testResults.filter(({ status, assertionResults }) => {
  return status === 'failed' && !assertionResults.some(result => result.status === 'failed')
})
for (const { name, message } of brokenFiles) console.error(`${name}: ${message}`)
const failed = numFailedTests + brokenFiles.length
// Whatever else ended the run with an error (an unhandled rejection, the time limit) must not pass for success.
console.log(`${numPassedTests} ${failed === 0 && exitStatus !== '0' ? 1 : failed}`)
