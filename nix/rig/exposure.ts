// How exposed each service is by the measure of `systemd-analyze security`: 0 sees nothing, 10 is an ordinary unit.
import type { Machine } from './appliance.ts'
import type { Overlay } from './root.ts'

/** The most that each may be; a unit that is not named here has `OTHERS`. */
export const LIMITS: Record<string, number> = {
  'sandlot-game@.service': 0.3,
  'sandlot-build@.service': 0.3,
  'sshd-sftp.service': 3,
}
export const OTHERS = 1.5

export interface Exposure {
  unit: string
  exposure: number
  limit: number
}

/** Of every service of the machine whose files lie in `overlay`. Rejects with the analyser's words when it gives no figure. */
export async function exposures(machine: Machine, overlay: Overlay): Promise<Exposure[]> {
  const names = Object.keys(machine.units).filter((name) => name.endsWith('.service'))
  const { output } = await overlay.run('systemd-analyze', 'security', '--offline=true', '--no-pager', ...names)
  const figures = new Map<string, number>()
  for (const [, unit, figure] of output.matchAll(/Overall exposure level for (\S+): ([\d.]+)/g))
    figures.set(unit!.replace(/@.*\./, '@.'), Number(figure)) // a template is judged as an instance
  return names.map((unit) => {
    const exposure = figures.get(unit)
    if (exposure === undefined) throw new Error(`systemd-analyze says nothing of ${unit}: ${output.slice(-500)}`)
    return { unit, exposure, limit: LIMITS[unit] ?? OTHERS }
  })
}
