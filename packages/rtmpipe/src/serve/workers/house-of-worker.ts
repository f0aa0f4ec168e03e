import type { Outcome, Reports, ReportQuestion, ServerEvent } from '@rtmpipe/http'
import type { HouseContext } from '../house.ts'
import type { Colleagues } from './colleagues.ts'

/** Events of a worker are told together. Milliseconds. */
const gathering = 100

/** The first worker serves HTTP and asks the others, which answer and tell it what happens. */
export async function houseOfWorker(colleagues: Colleagues, slot: number): Promise<HouseContext> {
  const http = await import('@rtmpipe/http')
  return {
    worker: slot,
    reports: own => (slot === 0 ? reportsOfAll(http, own, colleagues) : reportToFirst(http, own, slot, colleagues)),
  }
}

type Http = typeof import('@rtmpipe/http')

function reportsOfAll({ SeveralReports }: Http, own: Reports, colleagues: Colleagues): Reports {
  return new SeveralReports(own, 0, {
    ask: question => colleagues.ask('report', question),
    steer: async act => {
      const [outcome] = await colleagues.ask(act.act, act, 'primary')
      return outcome as Outcome
    },
    follow: told => {
      colleagues.listen('events', events => {
        for (const event of events as readonly ServerEvent[]) told.event(event)
      })
      colleagues.listen('lost', worker => told.lost(worker as number))
    },
  })
}

function reportToFirst({ answerQuestion }: Http, own: Reports, slot: number, colleagues: Colleagues): Reports {
  colleagues.answer('report', question => answerQuestion(own, slot, question as ReportQuestion))
  let gathered: ServerEvent[] = []
  own.follow(event => {
    gathered.push(event)
    if (gathered.length > 1) return
    setTimeout(() => {
      colleagues.tell('events', gathered)
      gathered = []
    }, gathering).unref()
  })
  return own
}
