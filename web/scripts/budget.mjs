// Checks what a page makes the browser load, in gzipped kilobytes: its chunk and all that it imports, and all styles.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGETS = [
  ['canvas', 'src/features/journeys/JourneyPage.tsx', 330],
  ['analytics', 'src/features/analytics/AnalyticsPage.tsx', 300],
];
const STYLES = 50;

const manifest = JSON.parse(readFileSync('dist/.vite/manifest.json', 'utf8'));
const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const size = (file) => gzipSync(readFileSync(`dist/${file}`)).length / 1000;

function closure(key, found = new Set()) {
  if (found.has(key)) return found;
  found.add(key);
  for (const next of manifest[key].imports ?? []) closure(next, found);
  return found;
}

let over = false;
function report(name, kilobytes, budget) {
  over ||= kilobytes > budget;
  console.log(
    `${name.padEnd(10)} ${kilobytes.toFixed(1).padStart(7)} kB of ${budget}${kilobytes > budget ? '  TOO MUCH' : ''}`,
  );
}

for (const [name, page, budget] of BUDGETS) {
  const chunks = new Set([...closure(entry), ...closure(page)]);
  report(
    name,
    [...chunks].reduce((sum, key) => sum + size(manifest[key].file), 0),
    budget,
  );
}
const styles = new Set(Object.values(manifest).flatMap((chunk) => chunk.css ?? []));
report(
  'styles',
  [...styles].reduce((sum, file) => sum + size(file), 0),
  STYLES,
);
process.exitCode = over ? 1 : 0;
