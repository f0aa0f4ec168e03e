import { spawnSync } from 'node:child_process'

/** Whether to run what needs the `openssl` program: skipped where it is missing, except in CI, where it then fails. */
export const needsOpenssl: boolean = process.env.CI !== undefined || spawnSync('openssl', ['version']).status === 0
