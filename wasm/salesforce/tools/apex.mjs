// Checks Apex without an organization: types with apex-ls, then PMD with Salesforce's AppExchange
// rules through Code Analyzer. Fails on any type error, and on findings of severity 1 or 2.
//
//   node tools/apex.mjs
import { execFileSync } from 'node:child_process';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CodeAnalyzer, CodeAnalyzerConfig } from '@salesforce/code-analyzer-core';
import { createEnginePlugin } from '@salesforce/code-analyzer-pmd-engine';

const project = fileURLToPath(new URL('..', import.meta.url));
const engine = dirname(fileURLToPath(import.meta.resolve('@salesforce/code-analyzer-pmd-engine')));

const java = join(engine, 'java-lib', '*');
const main = 'io.github.apexdevtools.apexls.CheckForIssues';
try {
  execFileSync('java', ['-cp', java, main, '-n', '-w', project], { encoding: 'utf8' });
} catch (error) {
  console.error(`${error.stdout ?? ''}${error.stderr ?? error}`);
  process.exit(1);
}
console.log('apex: the types are right');

/** JavaScript is ESLint's, with Salesforce's rules: PMD takes a class's fields for global variables. */
const JAVASCRIPT = /\.js$/;

const analyzer = new CodeAnalyzer(CodeAnalyzerConfig.fromObject({}));
await analyzer.addEnginePlugin(createEnginePlugin());
const rules = await analyzer.selectRules(['all']);
const workspace = await analyzer.createWorkspace([join(project, 'force-app', 'main')]);
const results = await analyzer.run(rules, { workspace });
let nGrave = 0;
for (const violation of results.getViolations()) {
  const severity = violation.getRule().getSeverityLevel();
  const place = violation.getPrimaryLocation();
  const file = relative(project, place.getFile());
  if (severity > 2 || JAVASCRIPT.test(file)) continue;
  nGrave += 1;
  console.error(
    `${file}:${place.getStartLine()} ${violation.getRule().getName()}: ${violation.getMessage()}`,
  );
}
const nErrors = results
  .getViolations()
  .filter((one) => one.getRule().getName() === 'UninstantiableEngineError').length;
console.log(`apex: ${rules.getCount()} rules, ${nGrave} findings of severity 1 or 2`);
if (nGrave + nErrors > 0) process.exit(1);
