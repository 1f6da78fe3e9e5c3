// The load process: does the run it is told, sends the sample to the driver. Started by compare.ts, one for each run.
import type { Plan } from './workloads/plan.ts'
import { run } from './workloads/run.ts'

process.once('message', (plan: Plan) => {
  run(plan).then(
    (sample) => process.send!({ ok: true, sample }, () => process.exit(0)),
    (error: Error) => process.send!({ ok: false, message: error.stack ?? error.message }, () => process.exit(0)),
  )
})
