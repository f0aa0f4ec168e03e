import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bundleBrowser } from '../../../../scripts/bundle-browser.js'
import { Buffer as PageBuffer } from '../../src/browser/platform/buffer.ts'

const text = fc.string({ unit: 'binary' })
const bytes = fc.uint8Array({ maxLength: 9_000 })

function page(content: Uint8Array): Buffer {
  return PageBuffer.from(content)
}

function same(one: Uint8Array, two: Uint8Array): void {
  expect([...one]).toEqual([...two])
}

describe('Buffer in a page does what that of Node does', () => {
  it('with texts', () => {
    fc.assert(
      fc.property(text, fc.constantFrom('utf8', 'latin1', 'utf16le'), fc.nat(40), (text, encoding, room) => {
        same(PageBuffer.from(text, encoding as BufferEncoding), Buffer.from(text, encoding as BufferEncoding))
        const [ours, nodes] = [PageBuffer.alloc(room + 2), Buffer.alloc(room + 2)]
        if (encoding === 'utf16le') return
        expect(ours.write(text, 1, room, encoding as BufferEncoding)).toBe(
          nodes.write(text, 1, room, encoding as BufferEncoding),
        )
        same(ours, nodes)
        expect(PageBuffer.byteLength(text)).toBe(Buffer.byteLength(text))
      }),
    )
    fc.assert(
      fc.property(bytes, fc.constantFrom('utf8', 'latin1', 'hex'), fc.nat(20), (content, encoding, from) => {
        expect(page(content).toString(encoding as BufferEncoding, from)).toBe(
          Buffer.from(content).toString(encoding as BufferEncoding, from),
        )
      }),
    )
    same(PageBuffer.from('00ff7e', 'hex'), Buffer.from('00ff7e', 'hex'))
    expect(() => PageBuffer.from('a', 'ucs1' as BufferEncoding)).toThrow(TypeError)
  })

  it('with numbers', () => {
    const numbers = [
      ['UInt8', 2 ** 8, 1],
      ['UInt16BE', 2 ** 16, 2],
      ['UInt16LE', 2 ** 16, 2],
      ['UInt32BE', 2 ** 32, 4],
      ['UInt32LE', 2 ** 32, 4],
    ] as const
    fc.assert(
      fc.property(
        fc.constantFrom(...numbers),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(4),
        ([name, most, length], part, at) => {
          const value = Math.min(Math.floor(part * most), most - 1)
          const [ours, nodes] = [PageBuffer.alloc(8), Buffer.alloc(8)]
          expect(ours[`write${name}`](value, at)).toBe(nodes[`write${name}`](value, at))
          same(ours, nodes)
          expect(ours[`read${name}`](at)).toBe(value)
          expect(() => ours[`read${name}`](9 - length)).toThrow(RangeError)
          expect(() => ours[`write${name}`](most, 0)).toThrow(RangeError)
          expect(() => ours[`write${name}`](-1, 0)).toThrow(RangeError)
        },
      ),
    )
    fc.assert(
      fc.property(fc.double(), fc.integer(), fc.nat(0xffffff), (double, integer, three) => {
        const [ours, nodes] = [PageBuffer.alloc(15), Buffer.alloc(15)]
        for (const each of [ours, nodes]) {
          each.writeDoubleBE(double, 0)
          each.writeInt32BE(integer, 8)
          each.writeUIntBE(three, 12, 3)
        }
        same(ours, nodes)
        expect(ours.readDoubleBE(0)).toBe(double)
        expect(ours.readInt32BE(8)).toBe(integer)
        expect(ours.readUIntBE(12, 3)).toBe(three)
        expect(ours.readUIntLE(12, 3)).toBe(nodes.readUIntLE(12, 3))
      }),
    )
  })

  it('with parts of its memory, copies and comparisons', () => {
    fc.assert(
      fc.property(bytes, bytes, fc.nat(30), fc.nat(30), (content, other, from, to) => {
        const [ours, nodes] = [page(content), Buffer.from(content)]
        same(ours.subarray(from, to), nodes.subarray(from, to))
        same(PageBuffer.concat([ours, other]), Buffer.concat([nodes, other]))
        same(PageBuffer.concat([ours, other], 7), Buffer.concat([nodes, other], 7))
        const [ourTarget, nodeTarget] = [PageBuffer.alloc(40), Buffer.alloc(40)]
        expect(ours.copy(ourTarget, to, from)).toBe(nodes.copy(nodeTarget, to, Math.min(from, nodes.length)))
        same(ourTarget, nodeTarget)
        expect(ours.equals(other)).toBe(nodes.equals(other))
        expect(ours.equals(page(content))).toBe(true)
        const part = nodes.subarray(from, from + 3)
        if (part.length > 0) expect(ours.indexOf(page(part))).toBe(nodes.indexOf(part))
      }),
    )
    const whole = page(new Uint8Array([1, 2, 3]))
    whole.slice(1)[0] = 9
    same(whole, [1, 9, 3] as unknown as Uint8Array)
    expect(whole.subarray(1)).toBeInstanceOf(PageBuffer)
    expect(PageBuffer.isBuffer(new Uint8Array(1))).toBe(false)
    const shared = PageBuffer.from(whole.buffer, 1, 2)
    shared[0] = 7
    same(whole, [1, 7, 3] as unknown as Uint8Array)
  })
})

it('every method of a Buffer that stands in the sources of the bundle is there', async () => {
  const folder = fileURLToPath(new URL('../..', import.meta.url))
  const { metafile } = await bundleBrowser(folder)
  const used = new Set<string>()
  for (const file of Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs))) {
    if (file.includes('platform/')) continue
    const source = (await readFile(join(folder, file), 'utf8')).replaceAll(/^\s*(\/\/|\*|\/\*).*$/gm, '')
    for (const [, name] of source.matchAll(/\bBuffer\.(\w+)\(/g)) used.add(`static ${name}`)
    for (const [, name] of source.matchAll(/\.((?:read|write)(?:UInt|Int|BigInt|BigUInt|Double|Float)\w+)\(/g))
      used.add(`${name}`)
  }
  expect(used.size).toBeGreaterThan(15)
  const has = (name: string): boolean =>
    name.startsWith('static ') ? name.slice(7) in PageBuffer : name in PageBuffer.prototype
  expect([...used].filter(name => !has(name))).toEqual([])
})
