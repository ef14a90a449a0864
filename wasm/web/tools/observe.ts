// Runs in the page before anything of the page: notes when things happen.

export interface Moments {
  firstPaint?: number;
  largestPaint?: number;
  shift: number;
  tasks: { start: number; millis: number }[];
  /** When the keyboard is in the code's field, and when a row of the table has its buttons. */
  usable: { 'sign-in is usable'?: number; 'table is usable'?: number };
}

declare global {
  interface Window {
    moments: Moments;
  }
}

/** Is sent to the browser as text: what it needs must be inside. */
export function observe(): void {
  const moments: Moments = { shift: 0, tasks: [], usable: {} };
  window.moments = moments;
  const on = (type: string, take: (entry: PerformanceEntry) => void) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({
      type,
      buffered: true,
    });
  on('paint', ({ name, startTime }) => {
    if (name === 'first-contentful-paint') moments.firstPaint = startTime;
  });
  on('largest-contentful-paint', ({ startTime }) => (moments.largestPaint = startTime));
  on('longtask', ({ startTime, duration }) =>
    moments.tasks.push({ start: startTime, millis: duration }),
  );
  on('layout-shift', (entry) => {
    const { value, hadRecentInput } = entry as unknown as {
      value: number;
      hadRecentInput: boolean;
    };
    if (!hadRecentInput) moments.shift += value;
  });
  document.addEventListener('focusin', ({ target }) => {
    if ((target as Element).id === 'code')
      moments.usable['sign-in is usable'] ??= performance.now();
  });
  const rows = new MutationObserver(() => {
    if (document.querySelector('tbody tr .rename') === null) return;
    moments.usable['table is usable'] = performance.now();
    rows.disconnect();
  });
  rows.observe(document, { childList: true, subtree: true });
}
