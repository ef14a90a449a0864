// When existing tokens would end: each a lane on one common scale, from now to the latest end.
import { hostDate } from './clock.ts';
import type { EndingEarlier } from './shapes.ts';

/** A token without an end reaches out of the picture; this much of it is drawn. */
const BEYOND = 0.06;

/** Where a token's two ends lie, in parts of the width. */
export interface Lane {
  token: EndingEarlier;
  /** The end under the policy. */
  end: number;
  /** The end as it is; the right edge where there is none. */
  old: number;
}

/** The lanes in a picture of this width, and the UTC day at its right edge. */
export function lanes(
  ending: readonly EndingEarlier[],
  width: number,
): { lanes: Lane[]; latest: string } {
  const now = hostDate().getTime();
  const ends = ending.flatMap(({ old_expires_at, new_expires_at }) => [
    Date.parse(new_expires_at),
    ...(old_expires_at === null ? [] : [Date.parse(old_expires_at)]),
  ]);
  const latest = Math.max(now, ...ends);
  const length = Math.max(1, (latest - now) * (1 + BEYOND));
  const x = (at: string) => (width * (Date.parse(at) - now)) / length;
  return {
    lanes: ending.map((token) => ({
      token,
      end: x(token.new_expires_at),
      old: token.old_expires_at === null ? width : x(token.old_expires_at),
    })),
    latest: new Date(latest).toISOString().slice(0, 10),
  };
}
