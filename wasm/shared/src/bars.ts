// Counts of days as bars: allowed below, denied on top of it. Geometry and words, no drawing.
import { hostDate } from './clock.ts';
import { utcDay } from './dates.ts';
import type { DayCount } from './shapes.ts';
import { t, tn } from './text.ts';

/** One rectangle. */
export interface Bar {
  key: string;
  kind: 'allowed' | 'denied';
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Even a single export is seen. */
const LEAST_HEIGHT = 1.5;

/** The bars of the days in a picture of this size; days without exports have none. */
export function bars(days: readonly DayCount[], width: number, height: number): Bar[] {
  const most = Math.max(1, ...days.map((day) => day.n_allowed + day.n_denied));
  const step = width / Math.max(1, days.length);
  const gap = Math.min(1, step / 4);
  return days.flatMap((day, index) => {
    const bar = (kind: Bar['kind'], from: number, n: number): Bar[] => {
      if (n === 0) return [];
      const high = Math.max(LEAST_HEIGHT, (n / most) * (height - 2));
      const y = height - 1 - (from / most) * (height - 2) - high;
      return [
        {
          key: `${day.date} ${kind}`,
          kind,
          x: index * step + gap / 2,
          y,
          width: step - gap,
          height: high,
        },
      ];
    };
    return [...bar('allowed', 0, day.n_allowed), ...bar('denied', day.n_allowed, day.n_denied)];
  });
}

/** What a token's use is shown for. */
const SHOWN_DAYS = 28;
const DAY_MILLIS = 86_400_000;

/** The last 28 days with the days between, on which nothing ran. */
export function lastDays(counted: readonly DayCount[]): DayCount[] {
  const counts = new Map(counted.map((day) => [day.date, day]));
  return Array.from({ length: SHOWN_DAYS }, (_, index) => {
    const at = hostDate().getTime() - (SHOWN_DAYS - 1 - index) * DAY_MILLIS;
    const date = new Date(at).toISOString().slice(0, 10);
    return counts.get(date) ?? { date, n_allowed: 0, n_denied: 0 };
  });
}

/** How many in all. */
export function sums(days: readonly DayCount[]): { allowed: number; denied: number } {
  const sum = (count: (day: DayCount) => number) => days.reduce((all, day) => all + count(day), 0);
  return { allowed: sum((day) => day.n_allowed), denied: sum((day) => day.n_denied) };
}

/** What a plot of these days shows, in words. */
export function activityWords(days: readonly DayCount[]): string {
  const { allowed, denied } = sums(days);
  const period = { from: utcDay(days[0]?.date ?? ''), to: utcDay(days.at(-1)?.date ?? '') };
  return [
    t('plot.period', period),
    tn('plot.n_allowed', allowed),
    tn('plot.n_denied', denied),
  ].join(' ');
}

/** A token's last 28 days in words. */
export function usesWords(days: readonly DayCount[]): string {
  const { allowed, denied } = sums(days);
  if (allowed + denied === 0) return t('uses.none');
  const refused = denied === 0 ? '' : `, ${tn('uses.denied', denied)}`;
  return `${tn('uses.allowed', allowed)}${refused}`;
}
