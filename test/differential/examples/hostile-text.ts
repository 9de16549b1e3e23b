import { reads, writes } from '../example.ts'
import type { Tolerance } from '../tolerance.ts'

const MEGABYTE = 'x'.repeat(1_000_000)

const BACKSLASH: readonly Tolerance[] = [
  { reason: 'backslash-strings', why: 'The parser reads strings as the standard says.' },
]

export const hostile = [
  ...reads(
    'hostile text',
    {},
    {
      'line comments': 'select -- {t} {c}\n {c} -- from x\n from {t} -- the end\n order by {id}',
      'block comments': 'select /* {c}, */ {c} /* from nowhere */ from /* x */ {t} /**/ order by {id}',
      'nested comments': 'select /* a /* b {c} */ c */ {c} from {t} order by {id}',
      'comment between dots': 'select u /* a */ . /* b */ {c} from {t} u order by u.{id}',
      'hint comment': '/*+ SeqScan(users) */ select {c} from {t} order by {id}',
      'marker comment at the end': "select {c} from {t} order by {id} /* traceparent='00-abc' */",
      'comment that looks like a parameter': {
        sql: 'select {c} /* $2 */ from {t} where {c} = $1 -- $3',
        values: ['{raw:v1}'],
      },
      'comment instead of a space': 'select/**/{c}/**/from/**/{t}/**/order/**/by/**/{id}',
      'name of the column in strings': `select 'name full_name' as a, "x"."b", u.{c} from {t} u, (select 1 as b) "x" where u.{id} = 1`,
      'dollar quotes': "select $$ it's {t} $$, $a$ $b$ $a$, {c} from {t} order by {id}",
      'E strings': "select E'\\'', E'a\\\\', {c} from {t} where {c} is not null and email <> E'\\n' order by {id}",
      'U& strings': "select U&'d\\0061t', U&'x!0041' uescape '!', {c} from {t} order by {id}",
      'names with UESCAPE': `select {U:c} uescape '!', u.{id} from {t} u order by {U:id} uescape '!'`,
      'names with UESCAPE and a table': `select u.{U:c} /* a */ UESCAPE -- b\n '!' as x, u.{id}, u.{U:c} uescape '!' from {t} u order by u.{id}`,
      'names with UESCAPE in a predicate': `select {id} from {t} where {U:c} uescape '!' is not null and {U:c} uescape '!' = {v1} order by {id}`,
      'table with UESCAPE': `select {U:t} uescape '!'.{c}, {U:t} uescape '!'.* from {U:t} uescape '!' order by {id}`,
      'alias with UESCAPE': `select U&"!0075x" uescape '!'.{c}, (ux.*) from {t} as U&"u!0078" uescape '!' order by 1, 2`,
      'output with UESCAPE': `select {c} as U&"!0061b" uescape '!', {c} U&"!0061c" uescape '!' from {t} order by {id}`,
      'field with UESCAPE': `select (u).{U:c} uescape '!', u.{id} from {t} u order by u.{id}`,
      'join with UESCAPE': `select u.{c}, p.title from {U:t} uescape '!' u join posts p using ({U:id} uescape '!') order by p.id`,
      'bit and hex strings': "select B'101', X'1F', {c} from {t} order by {id}",
      'strings continued on the next line': "select 'a'\n  'b' as ab, {c} from {t} order by {id}",
      'quotes in strings': `select '''', '"', "u".{c} from {t} "u" order by "u".{id}`,
      'non-breaking space in a string': "select '\u00a0', {c} from {t} order by {id}",
      'emoji and combining characters':
        "select '👩‍👩‍👧 é', {c} as \"é👍\" from {t} where email <> '👩‍👩‍👧' order by {id}",
      'emoji, then an error with a position': "select '😀😀😀', {c}, nope from {t}",
      'backslash at the end of a string': "select 'a\\', {c} from {t} order by {id}",
      'read with standard_conforming_strings off': {
        sql: [
          'begin',
          'set local standard_conforming_strings = off',
          "select 'it\\'s', {c} from {t} order by {id}",
          'rollback',
        ],
        bare: true,
        tolerates: BACKSLASH,
      },
      'trailing semicolon': 'select {c} from {t} order by {id};',
      'trailing semicolon and comment': 'select {c} from {t} order by {id}; -- done',
      'trailing semicolon with a parameter': {
        sql: 'select {c} from {t} where {c} = $1 order by {id} ; ',
        values: ['{raw:v1}'],
      },
      'leading newlines and tabs': '\n\n\t  select {c} from {t} order by {id}\n',
      'carriage returns': 'select {c}\r\nfrom {t}\r\norder by {id}\r\n',
      capitals: 'SELECT {c} AS X FROM {t} AS U WHERE U.{c} IS NOT NULL ORDER BY U.{id} ASC',
      'no spaces where none are needed': 'select({c}),({id})from {t} order by {id}',
      'operators without spaces': 'select {id} from {t} where {c}={v1} or({c})<>{v1} order by {id}',
      'many brackets': `select ${'('.repeat(60)}{c}${')'.repeat(60)} from {t} order by {id}`,
      'long list': `select {id} from {t} where {id} in (${Array.from({ length: 2_000 }, (_, index) => index).join(', ')}) and {c} is not null order by {id}`,
      'long chain of or': `select {id} from {t} where {c} is null ${Array.from({ length: 200 }, () => 'or {c} = {v1}').join(' ')} order by {id}`,
      'one megabyte in a string': `select length('${MEGABYTE}'), {c} from {t} order by {id}`,
      'one megabyte in a comment': `select /* ${MEGABYTE} */ {c} from {t} order by {id}`,
      'the name in a comment of another statement': 'select title /* {t} {c} */ from posts order by id',
      'the name in a string of another statement': "select 'users name full_name' as s from posts order by id",
      'parameter number of two digits': {
        sql: 'select $1::int, $2::int, $3::int, $4::int, $5::int, $6::int, $7::int, $8::int, $9::int, $10::int, $11::text, {c} from {t} where {c} = $12 order by {id}',
        values: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 'x', '{raw:v1}'],
      },
      'question mark operators': "select {c} from {t} where meta ?| array['a'] or meta ?& array['b'] order by {id}",
      'at sign and hash operators': 'select {c}, @ (-5), 5 # 3 from {t} order by {id}',
      'positional casts': "select int '5', date '2024-01-01', {c} from {t} order by {id}",
      'null byte free, control characters': "select E'\\x01\\x1f', {c} from {t} order by {id}",
    },
  ),
  ...writes(
    'hostile text',
    {},
    {
      'comments everywhere':
        "insert /* a */ into /* b */ {t} /* c */ ( /* d */ email, {cols} /* e */ ) /* f */ values /* g */ ( /* h */ 'new@x' /* i */ , {all:n1} /* j */ ) /* k */ ; /* l */",
      'line comments everywhere':
        'update {t} -- x\n set -- y\n {set:n1} -- z\n where -- , \n {id} = 1 -- )\n returning -- *\n {c} -- end',
      'comment before the semicolon': 'update {t} set {set:n1} where {id} = 1 -- no semicolon;\n;',
      'one megabyte value': {
        sql: `insert into {t} (email, {cols}) values ('${MEGABYTE}', {all:n1}) returning length(email), {c}`,
        without: ['plain-key'],
      },
      'five hundred rows': {
        sql: `insert into {t} (email, {cols}) values ${Array.from({ length: 500 }, (_, index) => `('e${index}', {all:n1})`).join(', ')}`,
        without: ['unique', 'key'],
      },
      'five hundred parameters': {
        sql: `insert into {t} (email, {c}) values ${Array.from({ length: 250 }, (_, index) => `($${index * 2 + 1}, $${index * 2 + 2})`).join(', ')}`,
        values: Array.from({ length: 500 }, (_, index) => (index % 2 === 0 ? `e${index}` : '{raw:n1}')),
        needs: ['single'],
        without: ['unique', 'key'],
      },
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder of the examples, between dollars
      'dollar quoted value': { sql: 'update {t} set {c} = $q${raw:n1}$q$ where {id} = 1 returning {c}' },
      'insert with UESCAPE': {
        sql: `insert into {U:t} uescape '!' (email, {U:c} uescape '!') values ('n@x', {n1}) returning {U:c} uescape '!', email`,
        without: ['several', 'key'],
      },
      'insert with UESCAPE and an alias': `insert into {U:t} uescape '!' as U&"!0075" uescape '!' (email, {cols}) values (U&'n!0040x' uescape '!', {all:n1}) returning u.{c}`,
      'insert of a query with UESCAPE': {
        sql: `insert into {U:t} uescape '!' (email, {U:c} uescape '!') select title, {U:c} uescape '!' from {peer} where id = 1 returning *`,
        without: ['several', 'key'],
      },
      'update with UESCAPE': `update {U:t} uescape '!' as u set {U:c} uescape '!' = {n1}, age = 3 where u.{U:id} uescape '!' = 1 returning {U:c} uescape '!', ({c}), (u.*)`,
      'update of a list with UESCAPE': `update {t} set ({U:c} uescape '!', tags[1]) = (select {n1}, 'x') where {id} = 1 returning {c}, tags`,
      'conflict with UESCAPE': {
        sql: `insert into {t} (email, {c}) values ('n@x', {v1}) on conflict ({U:c} uescape '!') do update set {U:c} uescape '!' = {n1}, age = 77`,
        needs: ['unique'],
      },
      'delete with UESCAPE': `delete from {U:t} uescape '!' where {U:id} uescape '!' = 5 returning {U:c} uescape '!'`,
      'emoji before the edit':
        "update {t} set tags = array['😀', '👩‍👩‍👧'], {set:n1} where {id} = 1 returning tags, {c}",
      'syntax error': 'update {t} set {c} = = {n1}',
      'standard_conforming_strings off': {
        sql: [
          'set local standard_conforming_strings = off',
          "update {t} set {set:n1}, tags = array['it\\'s'] where {id} = 1",
        ],
        tolerates: BACKSLASH,
      },
      'standard_conforming_strings off, no backslash': {
        sql: ['set local standard_conforming_strings = off', 'update {t} set {set:n1} where {id} = 1 returning {c}'],
      },
    },
  ),
]
