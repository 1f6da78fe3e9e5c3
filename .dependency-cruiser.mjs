// The import arrows of the house: shared <- everything; website/db <- website, bridge; website and sandbox never meet, save `import type`.
const own = (from, to, comment, extra = {}) => ({
  name: comment,
  severity: 'error',
  from: { path: from },
  to: { path: to, dependencyTypesNot: ['type-only'], ...extra },
})
const onlyIn = (module, owner) => ({
  name: `only ${owner} imports ${module}`,
  severity: 'error',
  from: { path: '^(shared|bridge|sandbox|website)/', pathNot: [owner, '\\.test\\.ts$', '/testing/'] },
  to: { path: module, dependencyTypesNot: ['type-only'] },
})
const E2E = '^website/(e2e|dev)/'

export default {
  forbidden: [
    own('^shared/', '^(bridge|sandbox|website)/', 'shared imports nothing of ours'),
    own('^sandbox/', '^(bridge|website)/', 'sandbox imports only shared'),
    { ...own('^website/', '^sandbox/', 'website never imports sandbox'), from: { path: '^website/', pathNot: E2E } },
    { ...own('^website/', '^bridge/', 'website never imports bridge'), from: { path: '^website/', pathNot: E2E } },
    own('^bridge/', '^(sandbox|website/(server|web|dev))', 'bridge imports only shared and website/db'),
    own('^website/db/', '^website/(server|web|dev)', 'website/db imports only shared'),
    own('^website/web/', '^website/(server|db|dev)', 'the pages import only types of the server'),
    own('^sandbox/build/', '^sandbox/(supervisor|browser|bench)/', 'build imports only host'),
    own('^sandbox/host/', '^sandbox/(supervisor|browser|bench)/', 'host knows no supervisor'),
    own('^sandbox/browser/', '^sandbox/(supervisor|host|build|bench)/', 'browser imports only shared'),
    onlyIn('node_modules/isolated-vm', '^sandbox/host/isolate\\.ts$'),
    onlyIn('node_modules/(pg|@types/pg)/', '^website/db/database\\.ts$'),
    { name: 'no cycles', severity: 'error', from: {}, to: { circular: true, dependencyTypesNot: ['type-only'] } },
    { name: 'every import resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|examples|bench/(peers|games))/' }, // the bench's peers are installed by themselves, or not at all
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
