// Checks every metadata file of the project against Salesforce's own types: tags, kinds of values and
// enumerations. The XML becomes TypeScript, and the compiler judges.
//
//   node tools/metadata.mjs
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { XMLParser } from 'fast-xml-parser';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const root = here('../force-app/main/default');
const built = here('../tests/built');

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
});

/** One element and many of it look alike in XML; nothing has to be there. */
const HEAD = `import type * as T from '@salesforce/types/metadata';
type Loose<X> = X extends (infer U)[] ? Loose<U> | Loose<U>[]
  : X extends object ? { [K in keyof X]?: Loose<X[K]> } : X;
`;

const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('-meta.xml'))
  .sort();
const parts = files.map((name, index) => {
  const [[kind, content]] = Object.entries(parser.parse(readFileSync(join(root, name), 'utf8')));
  return `// ${name}\nexport const _${index} = ${JSON.stringify(content, null, 2)} satisfies Loose<T.${kind}>;\n`;
});
mkdirSync(built, { recursive: true });
const check = join(built, 'metadata.ts');
writeFileSync(check, HEAD + parts.join('\n'));
try {
  const tsc = here('../node_modules/typescript/bin/tsc');
  const options = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--skipLibCheck',
    '--ignoreConfig',
  ];
  execFileSync(process.execPath, [tsc, ...options, check], { encoding: 'utf8', stdio: 'pipe' });
} catch (error) {
  console.error(error.stdout);
  console.error(`see ${basename(check)} in tests/built for which file it is`);
  process.exit(1);
}
console.log(`metadata: ${files.length} files are as Salesforce's types want them`);
