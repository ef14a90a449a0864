// Everything that a face of Exportgate, be it the page or the Lightning component, has in common
// with the other: the words, and what lies between the core's answers and a drawing of them.
export * from './bars.ts';
export * from './clock.ts';
export * from './core.ts';
export * from './dates.ts';
export * from './draft.ts';
export * from './errors.ts';
export * from './history/finding.ts';
export * from './history/seen.ts';
export * from './history/sentence.ts';
export * from './history/verify.ts';
export * from './lanes.ts';
export * from './policy.ts';
export * from './problem.ts';
export * from './text.ts';
export * from './tokens.ts';
