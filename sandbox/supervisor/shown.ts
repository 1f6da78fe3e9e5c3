// What `systemctl show` says of a unit that has ended.
import { constants } from 'node:os'

/** Where a unit's socket to its supervisor lies: a folder of the supervisor's alone, of which a unit is shown the one file that is its own. */
export const LINKS = '/run/sandlot'

/** What is asked for. */
export const SHOWN = ['--property=Result', '--property=ExecMainStatus']

/** `status`: of its main process, the code or the number of the signal. */
export function readShown(text: string): { result: string; status: number } {
  const values = new Map(text.split('\n').map((line) => line.split('=', 2) as [string, string]))
  return { result: values.get('Result') ?? '', status: Number(values.get('ExecMainStatus')) }
}

export function signalName(number: number): NodeJS.Signals {
  const names = Object.entries(constants.signals) as [NodeJS.Signals, number][]
  return names.find(([, value]) => value === number)?.[0] ?? 'SIGKILL'
}
