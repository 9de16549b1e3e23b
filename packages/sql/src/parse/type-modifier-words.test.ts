import { beforeAll, describe, expect, test } from 'vitest'
import { loadParser } from './parser.ts'
import { typeModifierWords } from './type-modifier-words.ts'

beforeAll(loadParser)

describe('the words of a type that its modifier is made of', () => {
  test.each([
    ['text', []],
    ['varchar', []],
    ['varchar(20)', ['20']],
    ['character varying ( 20 )', ['20']],
    ['char', ['1']],
    ['CHARACTER', ['1']],
    ['char(3)', ['3']],
    ['"char"', []],
    ['bpchar', []],
    ['bit', ['1']],
    ['bit varying', []],
    ['bit varying(8)', ['8']],
    ['numeric(12, 2)', ['12', '2']],
    ['numeric(3,-2)[]', ['3', '-2']],
    ['timestamp(3) with time zone', ['3']],
    ['time', []],
    ['interval', []],
    ['interval(3)', ['32767', '3']],
    ['interval day to second(3)', ['7176', '3']],
    ['interval year', ['4']],
    ['interval year to month', ['6']],
    ['"odd (1)"."type"', []],
    ['geometry(Point, 4326)', ['point', '4326']],
    [`geometry('Point', 4326)`, ['Point', '4326']],
    ['pg_catalog.interval(2)', ['2']],
    ['interval second(2)', ['4096', '2']],
    ['numeric(0)', ['0']],
    ['varchar(3)', ['3']],
    ['no type (', []],
  ])('%s', (declared, words) => {
    expect(typeModifierWords(declared)).toEqual(words)
  })
})
