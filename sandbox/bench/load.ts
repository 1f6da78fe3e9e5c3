// The load process: does the run it is told, sends the sample to the driver. Started by compare.ts, one for each run.
import { Overload } from './workloads/crew.ts'
import type { Plan } from './workloads/plan.ts'
import { run } from './workloads/run.ts'

process.once('message', (plan: Plan) => {
  run(plan).then(
    (sample) => process.send!({ ok: true, sample }, () => process.exit(0)),
    (error: Error) => {
      const overload = error instanceof Overload
      const message = overload ? error.message : (error.stack ?? error.message)
      process.send!({ ok: false, message, overload }, () => process.exit(0))
    },
  )
})
