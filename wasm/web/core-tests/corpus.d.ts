// The types of `corpus.js`, for the test that Playwright runs.

export interface Case {
  verb: string;
  /** The file. */
  name: string;
  /** The whole file, and of it what is asked, with every digit of its numbers. */
  text: string;
  inputText: string;
  input: unknown;
  expected: unknown;
}

export const all: readonly Case[];
export const exact: readonly Case[];
export const PAGE_VERBS: readonly string[];
export function ofPages(hasVerb: (verb: string) => boolean): Case[];
export function checkTexts(cases: readonly Case[], answer: (one: Case) => unknown): void;
export function checkObjects(cases: readonly Case[], answer: (one: Case) => unknown): void;
