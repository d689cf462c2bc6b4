/** Who may import whom: data flows one way, and the framework stays in main.ts, stacks/ and constructs/. */
const framework = '^node_modules/(cdktf|constructs|@cdktf)/';
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });
const onlyInto = (folder, allowed, comment) =>
  forbid(
    `${folder}-imports`,
    comment,
    { path: `^${folder}/` },
    { path: '^[^/]+/', dependencyTypesNot: ['core'], pathNot: [`^${folder}/`, '^node_modules/', ...allowed] },
  );

module.exports = {
  forbidden: [
    forbid('no-cycles', 'two files that import each other cannot be read one after the other', {}, { circular: true }),
    forbid(
      'framework-stays-inside',
      'data, model and command must work without the framework',
      { pathNot: ['^main\\.ts$', '^stacks/', '^constructs/', '^__tests__/', '^node_modules/'] },
      { path: framework },
    ),
    onlyInto('config', [], 'how a fleet file is read is the floor'),
    onlyInto('machines', ['^config/'], 'machine providers are data'),
    onlyInto('components', ['^machines/define'], 'components are data: they know each other and the words for what machines can do'),
    onlyInto('model', ['^config/', '^machines/', '^components/'], 'the model is made from data'),
    onlyInto(
      'constructs',
      ['^config/package-root', '^machines/', '^model/', '^components/'],
      'constructs know no fleet file and no command',
    ),
    forbid(
      'platform-constructs-alone',
      'of the constructs only those that stand for a part of a platform know components by name',
      { path: '^constructs/', pathNot: '^constructs/(cilium-mesh|vault-pki|observability-hub|agent-cluster)\\.ts$' },
      { path: '^components/(?!define\\.ts$)' },
    ),
    onlyInto('stacks', ['^constructs/', '^model/'], 'stacks put constructs together'),
    onlyInto(
      'artifacts',
      ['^config/', '^machines/', '^components/', '^model/'],
      'artifacts depend on fleets, not on the programs that apply them',
    ),
    onlyInto('chart-lint', ['^config/', '^machines/', '^components/', '^model/', '^artifacts/'], 'charts are checked without a deployment'),
    onlyInto(
      'runner',
      ['^config/', '^machines/', '^model/', '^artifacts/'],
      'the runner reads the model and files, it never imports constructs',
    ),
    onlyInto(
      'cli',
      ['^config/', '^machines/', '^model/', '^artifacts/', '^chart-lint/', '^runner/'],
      'verbs call the runner, they never import constructs',
    ),
    onlyInto('docs', ['^components/', '^config/', '^machines/', '^model/', '^cli/verbs'], 'documents are made from data and verbs'),
    forbid('no-unresolved', 'an import that nobody finds', {}, { couldNotResolve: true }),
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(node_modules/\\.cache|\\.flotilla|cdktf\\.out|dist|tiers/cli/app|components/files)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.cjs', '.json', '.node'],
      exportsFields: ['exports'],
      conditionNames: ['require', 'node', 'default'],
    },
  },
};
