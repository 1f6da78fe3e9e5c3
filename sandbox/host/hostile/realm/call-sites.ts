// I06: Error.prepareStackTrace is given places of our code
import { attack } from '../attack.ts'

export default attack({
  action: `Error.prepareStackTrace = (error, sites) => sites
    const sites = new Error().stack
    state.found = sites.every((site) => site.getThis() === undefined && site.getFunction() === undefined && /^(server.js|sandlot:guest)$/.test(site.getFileName()))`,
  ends: 'nothing',
  found: true,
})
