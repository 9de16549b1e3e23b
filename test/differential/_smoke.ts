import pg from 'pg'
import { EXAMPLES } from '/work/main/test/differential/examples/all-examples.ts'
import { KINDS } from '/work/main/test/differential/kinds/all-kinds.ts'
import { stageScript, twinScript } from '/work/main/test/differential/kinds/stage-script.ts'
import { twinContentsSql, contentsSql, outOfStepSql } from '/work/main/test/differential/contents.ts'
import { applies, stepsFor } from '/work/main/test/differential/template.ts'
import { bareContestant, play } from '/work/main/test/differential/contestant.ts'
import { difference } from '/work/main/test/differential/difference.ts'
const base = process.env.EC_POSTGRES_URL_18!
const major = 18
async function make(sql: string) { const n = 'd' + Math.random().toString(36).slice(2); const c = new pg.Client({ connectionString: base }); await c.connect(); await c.query(`create database ${n} template template0`); const url = base.replace(/postgres$/, n); const d = new pg.Client({ connectionString: url }); await d.connect(); try { await d.query(sql) } finally { await d.end() } ; return { url, drop: async () => { await c.query(`drop database ${n} with (force)`); await c.end() } } }
console.log(EXAMPLES.length, 'examples')
const ids = new Set(); for (const e of EXAMPLES) { if (ids.has(e.id)) console.log('dup', e.id); ids.add(e.id) }
const errs = new Map<string, string[]>()
for (const kind of KINDS) {
  for (const stage of ['old','both','contract','new'] as const) { try { const d = await make(stageScript(kind, stage)); const c = new pg.Client({connectionString: d.url}); await c.connect(); 
     if (stage!=='old' && stage !== 'new') { const r = await c.query(outOfStepSql(kind)); if (r.rows[0].values[0] !== '0') console.log(kind.name, stage, r.rows) }
     for (const app of ['old','new'] as const) for (const side of (stage==='old'?['old']:stage==='new'?['new']:['old','new']) as any) { const a: any = await c.query(contentsSql(kind, app, [side])[0]!); const t = await make(twinScript(kind, app)); const tc = new pg.Client({connectionString: t.url}); await tc.connect(); const b: any = await tc.query(twinContentsSql(kind, app)); const f = (x: any) => JSON.stringify(x.map((r: any) => r.rows.map((y: any) => y.values))); if (f(a) !== f(b)) console.log('CONTENTS', kind.name, stage, app, side, '\n', f(a), '\n', f(b)); await tc.end(); await t.drop() }
     await c.end(); await d.drop() } catch (e: any) { console.log('STAGE', kind.name, stage, e.message) } }
  for (const app of ['old','new'] as const) {
    const [a, b] = await Promise.all([make(twinScript(kind, app)), make(twinScript(kind, app))])
    const [x, y] = await Promise.all([bareContestant(a.url), bareContestant(b.url)])
    const t0 = Date.now(); let n = 0
    for (const e of EXAMPLES) {
      if (!applies(e, kind, app, major)) continue
      n++
      let steps; try { steps = stepsFor(e, kind, app) } catch (err: any) { console.log('TEMPLATE', kind.name, app, e.id, err.message); continue }
      const p = { steps, writes: e.writes, bare: e.bare, reading: [twinContentsSql(kind, app)] }
      const r1 = await play(x, p); const r2 = await play(y, p)
      for (const [i, o] of r1.observations.entries()) { const d = difference(o, r2.observations[i]!, e); if (d) console.log('DIFF', kind.name, app, e.id, d)
        if (o.kind === 'error') { const k = e.id + ' :: ' + o.error.code + ' ' + o.error.message.slice(0, 100); errs.set(k, [...(errs.get(k) ?? []), `${kind.name}/${app}`]) } }
      if (JSON.stringify(r1.contents) !== JSON.stringify(r2.contents) && !e.shapeOnly) console.log('CONTENT DIFF', kind.name, app, e.id)
      const s = x.client.getTransactionStatus?.(); if (s !== 'I') { console.log('TXSTATUS', s, e.id); await x.client.query('rollback') ; await y.client.query('rollback') }
    }
    console.log(kind.name, app, n, Date.now() - t0, 'ms')
    await x.close(); await y.close(); await a.drop(); await b.drop()
  }
}
for (const [k, v] of errs) console.log('ERR', k, v.length > 4 ? v.length : v.join(' '))
