import { attemptsText, type RtmpClient } from '@rtmpipe/session'

/** Says which way was taken, where there were several. */
export function tellWay({ attempts }: RtmpClient, value: string | undefined): void {
  if (value !== undefined) process.stderr.write(`rtmpipe: connected by ${attemptsText(attempts)}\n`)
}
