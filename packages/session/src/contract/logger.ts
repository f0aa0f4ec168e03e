/** What the session logs to; pino's loggers satisfy it. */
export interface Logger {
  /** What helps to find a fault. */
  debug(fields: object, message: string): void
  /** What happens. */
  info(fields: object, message: string): void
  /** What somebody should look at. */
  warn(fields: object, message: string): void
  /** What has failed. */
  error(fields: object, message: string): void
  /** A logger that adds `fields` to every line. */
  child(fields: Record<string, unknown>): Logger
}

/** Logs nothing; the default. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
}
