import { take } from '@rtmpipe/testing'
import { connect } from 'rtmpipe'
import { expect, onTestFinished, test } from 'vitest'
import { RunningExample } from '../../examples/test/running-example.ts'
import { publishWithFfmpeg } from '../support/clients.ts'
import { liveRecipe, makeMedia } from '../support/media.ts'
import { requireClient } from '../support/programs.ts'
import { openWebPage } from './browser/web-page.ts'

/** The pages have no icon, which browsers ask for. */
const notIcon = (complaint: string): boolean => !complaint.includes('status of 404')

test('the player of the example draws what ffmpeg publishes', async context => {
  await requireClient(context, 'ffmpeg')
  await using example = await RunningExample.start('browser-player', { HTTP_PORT: '0' })
  const media = await makeMedia({ ...liveRecipe, seconds: 30 })
  await using _publisher = publishWithFfmpeg('ffmpeg', media.file, `rtmp://127.0.0.1:${example.ports[0]}/live/stream`)
  const { page, complaints } = await openWebPage(context, `http://127.0.0.1:${example.ports[1]}/`)
  const drawn = `(() => {
    const { width, height } = document.querySelector('canvas')
    const { data } = document.querySelector('canvas').getContext('2d').getImageData(0, 0, width, height)
    return data.some((byte, at) => at % 4 !== 3 && byte > 0)
  })()`
  await expect.poll(() => page.evaluate(drawn), { timeout: 15_000 }).toBe(true)
  expect(await page.getByRole('status').textContent()).toBe('')
  expect(complaints.filter(notIcon)).toEqual([])
})

test('the publisher of the example goes on air with the key, and says when it is wrong', async context => {
  await using example = await RunningExample.start('browser-publish', { HTTP_PORT: '0', KEY: 'right' })
  const { page, complaints } = await openWebPage(context, `http://127.0.0.1:${example.ports[1]}/`)
  const status = page.getByRole('status')
  await page.getByLabel('Key').fill('wrong')
  await page.getByRole('button').click()
  await status.filter({ hasText: /key/i }).waitFor()
  await page.getByLabel('Key').fill('right')
  await page.getByRole('button').click()
  await status.filter({ hasText: 'On air.' }).waitFor()
  const viewer = await example.connect('rtmp', 'live')
  onTestFinished(() => viewer.close())
  expect(await take(await viewer.play('camera'), 10)).toHaveLength(10)
  expect(complaints.filter(notIcon)).toEqual([])
})

test('what is written in one page of the chat is read in the other, as text', async context => {
  await using example = await RunningExample.start('chat')
  const url = `http://127.0.0.1:${example.ports[0]}/`
  const [one, two] = [await openWebPage(context, url), await openWebPage(context, url)]
  await two.page.getByRole('heading', { name: '2 here' }).waitFor()
  await one.page.getByLabel('Message').fill('<b>hello</b>')
  await one.page.getByRole('button').click()
  for (const { page } of [one, two]) await page.getByRole('log').getByText('<b>hello</b>').waitFor()
  expect([...one.complaints, ...two.complaints].filter(notIcon)).toEqual([])
  const client = await connect(`${url.replace('http', 'ws')}chat`)
  expect(await client.call('count')).toBe(3)
  await client.close()
})
