// Counts exports per day from the history as it streams in, as far as one wants to wait.
import * as api from '../api.ts';
import { hostDate } from '../clock.ts';
import type { HistoryEvent } from '../shapes.ts';
import { detailsOf } from './words.ts';

const DAY_MILLIS = 86_400_000;
/** More lines are not read: the plot then says from when on it is whole. */
const MOST_LINES = 50_000;
/** The longest period that is drawn. */
const MOST_DAYS = 366;
const DEFAULT_DAYS = 28;

export interface Activity {
  /** UTC days, `2027-03-31`. */
  days: string[];
  allowed: number[];
  denied: number[];
  /** The first day that was counted whole, where not all was read. */
  cut: string | undefined;
}

const day = (millis: number) => new Date(millis).toISOString().slice(0, 10);

/** Counts what matches the filter; without dates the last 28 days. */
export async function activity(filter: Record<string, string | null>, signal: AbortSignal): Promise<Activity> {
  const today = Date.parse(`${day(hostDate().getTime())}T00:00:00Z`);
  const to = filter['to'] ? Math.min(Date.parse(filter['to'].slice(0, 10)), today) : today;
  const wished = filter['from'] ? Date.parse(filter['from'].slice(0, 10)) : to - (DEFAULT_DAYS - 1) * DAY_MILLIS;
  const from = Math.max(wished, to - (MOST_DAYS - 1) * DAY_MILLIS);
  const days: string[] = [];
  for (let at = from; at <= to; at += DAY_MILLIS) days.push(day(at));
  const place = new Map(days.map((name, index) => [name, index]));
  const counts = { allowed: days.map(() => 0), denied: days.map(() => 0) };
  const cuts = await Promise.all((['allowed', 'denied'] as const).map(async (outcome) => {
    if (filter['kind'] && filter['kind'] !== `export.${outcome}`) return undefined;
    const asked = { ...filter, kind: `export.${outcome}`, from: day(from) };
    return read(asked, signal, (event) => {
      const index = place.get(event.at.slice(0, 10));
      const n = Number(detailsOf(event)['n_exports'] ?? 0);
      if (index !== undefined) counts[outcome][index] = (counts[outcome][index] ?? 0) + n;
    });
  }));
  const cut = cuts.filter((cut) => cut !== undefined).sort().at(-1);
  return { days, ...counts, cut };
}

/** Reads newest first; answers the day at which it stopped before the end. */
async function read(
  filter: Record<string, string | null>, signal: AbortSignal, count: (event: HistoryEvent) => void,
): Promise<string | undefined> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const response = await api.streamHistory(filter, 'application/x-ndjson', both);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) return undefined;
  let rest = '';
  let lines = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return undefined;
    const parts = (rest + value).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) {
      const event = JSON.parse(line) as HistoryEvent;
      count(event);
      lines += 1;
      if (lines === MOST_LINES) {
        stop.abort();
        return day(Date.parse(event.at) + DAY_MILLIS);
      }
    }
  }
}
