import pg from 'pg'
import { writeFileSync } from 'node:fs'
import { EXAMPLES } from '/work/main/test/differential/examples/all-examples.ts'
import { KINDS } from '/work/main/test/differential/kinds/all-kinds.ts'
import { stageScript, twinScript } from '/work/main/test/differential/kinds/stage-script.ts'
import { applies } from '/work/main/test/differential/template.ts'
import { bareContestant } from '/work/main/test/differential/contestant.ts'
import { waistContestant } from '/work/main/test/differential/waist-contestant.ts'
import { playTwin, tryExample } from '/work/main/test/differential/trial.ts'
import { SITUATIONS } from '/work/main/test/differential/situation.ts'
const major = Number(process.env.MAJOR ?? 18)
const base = process.env[`EC_POSTGRES_URL_${major}`]!
async function make(sql: string) { const n = 'd' + Math.random().toString(36).slice(2); const c = new pg.Client({ connectionString: base }); await c.connect(); await c.query(`create database ${n} template template0`); const url = base.replace(/postgres$/, n); const d = new pg.Client({ connectionString: url }); await d.connect(); try { await d.query(sql) } finally { await d.end() } ; return { url, drop: async () => { await c.query(`drop database ${n} with (force)`); await c.end() } } }
const out: any[] = []
const kre = new RegExp(process.env.KIND ?? '.'), ere = new RegExp(process.env.EX ?? '.'), sre = new RegExp(process.env.SIT ?? '^(?!no phase)')
const apps = (process.env.APP ?? 'old,new').split(',') as any
for (const kind of KINDS) { if (!kre.test(kind.name)) continue
  for (const app of apps) {
    const t0 = Date.now(); let n = 0
    const td = await make(twinScript(kind, app)); const twin = await bareContestant(td.url)
    const expected = new Map(); 
    for (const e of EXAMPLES) if (ere.test(e.id) && applies(e, kind, app, major)) expected.set(e, await playTwin(twin, e, kind, app))
    await twin.close(); await td.drop()
    for (const stage of ['old', 'both', 'contract', 'new'] as const) {
      const sits = SITUATIONS.filter((s) => s.stage === stage && sre.test(s.name)); if (!sits.length) continue
      const d = await make(stageScript(kind, stage)); let c = await waistContestant(d.url, kind, app)
      for (const situation of sits) for (const [example, exp] of expected) { n++
        let v; try { v = await tryExample(c, { example, kind, app, situation, expected: exp }) } catch (err: any) { console.log('CRASH', kind.name, app, situation.name, example.id, err.stack.slice(0, 600)); await c.close().catch(() => {}); c = await waistContestant(d.url, kind, app); continue }
        out.push({ kind: kind.name, app, situation: situation.name, id: example.id, outcome: v.outcome, reasons: v.reasons, problem: v.problem, sql: v.steps.map((s) => s.sql.slice(0, 3000)), values: v.steps.map((s) => s.values), sent: v.problem ? v.sent.map((s) => s.slice(0, 6000)) : undefined }) }
      await c.close(); await d.drop()
    }
    console.log(kind.name, app, n, Date.now() - t0, 'ms', out.filter((o) => o.kind === kind.name && o.app === app && o.problem).length, 'problems')
  } }
writeFileSync(process.env.OUT ?? '/tmp/ecdiff/out.json', JSON.stringify(out))
