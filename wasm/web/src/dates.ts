// Writes instants for people: in the browser's locale and zone, and in UTC where it matters.
import { hostDate } from './clock.ts';
import { language, t } from './i18n.ts';

// The browser's regional habits where it speaks the page's language, else the page's.
export const locale =
  navigator.languages.find((tag) => tag.toLowerCase().startsWith(language)) ?? language;

const short = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
const dayHere = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' });
const exact = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'long' });
const inUtc = new Intl.DateTimeFormat(locale, {
  dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC',
});
const dayInUtc = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });

/** `31 Mar 2027, 14:05`, here. */
export const instant = (at: string) => short.format(new Date(at));
/** `31 Mar 2027`, here. */
export const localDay = (at: string) => dayHere.format(new Date(at));
/** With seconds and the zone's name. */
export const exactInstant = (at: string) => exact.format(new Date(at));
/** `31 Mar 2027, 13:05 UTC`. */
export const utc = (at: string) => `${inUtc.format(new Date(at))} UTC`;
/** Here, and in UTC. */
export const both = (at: string) => t('date.both', { local: instant(at), utc: utc(at) });
/** `31 Mar 2027` of a UTC date `2027-03-31`. */
export const utcDay = (date: string) => dayInUtc.format(new Date(`${date}T00:00:00Z`));

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000], ['month', 2_592_000], ['day', 86_400], ['hour', 3_600], ['minute', 60],
];

/** `in 3 days`, `2 hours ago`, by the host's clock. */
export function away(at: string): string {
  const seconds = (Date.parse(at) - hostDate().getTime()) / 1000;
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  return relative.format(0, 'minute');
}

/** A number as the language writes it. */
export const number = (n: number) => n.toLocaleString(locale);
