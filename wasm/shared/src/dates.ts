// Writes instants for people: in their locale and zone, and in UTC where it matters.
import { hostDate } from './clock.ts';
import { language, t } from './text.ts';

let region = 'en';
let formats = formatsOf(region, undefined);

function formatsOf(locale: string, timeZone: string | undefined) {
  const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options);
  const here = timeZone === undefined ? {} : { timeZone };
  return {
    short: format({ dateStyle: 'medium', timeStyle: 'short', ...here }),
    day: format({ dateStyle: 'medium', ...here }),
    exact: format({ dateStyle: 'medium', timeStyle: 'long', ...here }),
    utc: format({ dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }),
    utcDay: format({ dateStyle: 'medium', timeZone: 'UTC' }),
    utcDayShort: format({ day: 'numeric', month: 'short', timeZone: 'UTC' }),
    relative: new Intl.RelativeTimeFormat(language(), { numeric: 'auto' }),
  };
}

/** Takes the person's regional habits: the first of the locales that goes with the language. */
export function useRegion(locales: readonly string[], timeZone?: string): void {
  const fits = locales.find((tag) => tag.toLowerCase().startsWith(language()));
  region = fits?.replace('_', '-') ?? language();
  formats = formatsOf(region, timeZone);
}

/** `31 Mar 2027, 14:05`, here. */
export const instant = (at: string) => formats.short.format(new Date(at));
/** `31 Mar 2027`, here. */
export const localDay = (at: string) => formats.day.format(new Date(at));
/** With seconds and the zone's name. */
export const exactInstant = (at: string) => formats.exact.format(new Date(at));
/** `31 Mar 2027, 13:05 UTC`. */
export const utc = (at: string) => `${formats.utc.format(new Date(at))} UTC`;
/** Here, and in UTC. */
export const both = (at: string) => t('date.both', { local: instant(at), utc: utc(at) });
/** `31 Mar 2027` of a UTC date `2027-03-31`. */
export const utcDay = (date: string) => formats.utcDay.format(new Date(`${date}T00:00:00Z`));
/** `31 Mar` of a UTC date. */
export const utcDayShort = (date: string) =>
  formats.utcDayShort.format(new Date(`${date}T00:00:00Z`));

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** `in 3 days`, `2 hours ago`, by the host's clock. */
export function away(at: string): string {
  const seconds = (Date.parse(at) - hostDate().getTime()) / 1000;
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length)
      return formats.relative.format(Math.trunc(seconds / length), unit);
  }
  return formats.relative.format(0, 'minute');
}

/** A number as the person's region writes it. */
export const number = (n: number) => n.toLocaleString(region);
