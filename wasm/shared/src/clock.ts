// Knows the host's time, so that a browser whose clock is wrong still judges like the host.

let offset = 0;

/** Takes the host's time from the `Date` of an answer. */
export function hear(date: string | null): void {
  const instant = date === null ? NaN : Date.parse(date);
  // `performance` does not jump when somebody sets the browser's clock.
  if (!Number.isNaN(instant)) offset = instant - performance.timeOrigin - performance.now();
}

/** The host's time. */
export function hostDate(): Date {
  return new Date(performance.timeOrigin + performance.now() + offset);
}

/** The host's time as the core reads it: RFC 3339, UTC, whole seconds. */
export function hostNow(): string {
  return `${hostDate().toISOString().slice(0, 19)}Z`;
}
