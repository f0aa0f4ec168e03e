import type { Logger } from '@rtmpipe/session'

/** What loggers are made of. */
export type LogMethods = Omit<Logger, 'child'>
