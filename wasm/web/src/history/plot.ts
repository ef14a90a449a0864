// Draws allowed and denied exports per day with uPlot, in the colours of the page.
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { number, utcDay, utcDayShort } from 'exportgate-shared/dates.ts';
import type { DayCount } from 'exportgate-shared/shapes.ts';
import { t } from 'exportgate-shared/text.ts';

const HEIGHT = 200;

/** Draws into `place` until the answer is called. */
export function plot(place: HTMLElement, days: readonly DayCount[]): () => void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  let chart: uPlot | undefined;
  const draw = () => {
    chart?.destroy();
    chart = new uPlot(options(place.clientWidth), data(days), place);
  };
  const sized = new ResizeObserver(() =>
    chart?.setSize({ width: place.clientWidth, height: HEIGHT }),
  );
  draw();
  sized.observe(place);
  dark.addEventListener('change', draw);
  return () => {
    sized.disconnect();
    dark.removeEventListener('change', draw);
    chart?.destroy();
  };
}

function data(days: readonly DayCount[]): uPlot.AlignedData {
  return [
    days.map(({ date }) => Date.parse(`${date}T00:00:00Z`) / 1000),
    days.map((day) => day.n_allowed),
    days.map((day) => day.n_denied),
  ];
}

/** The UTC date of an instant in seconds. */
const day = (at: number) => new Date(at * 1000).toISOString().slice(0, 10);

function options(width: number): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--muted'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  const series = (label: string, stroke: string, align: -1 | 1): uPlot.Series => {
    const paths = uPlot.paths.bars?.({ size: [0.42, 14], align, radius: 0.15 });
    return {
      label,
      stroke,
      fill: stroke,
      width: 0,
      points: { show: false },
      ...(paths && { paths }),
    };
  };
  return {
    width,
    height: HEIGHT,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    cursor: { drag: { x: false, y: false }, points: { show: false } },
    scales: {
      x: { range: (_plot, low, high) => [low - 43_200, high + 43_200] },
      y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.1)] },
    },
    axes: [
      {
        ...axis,
        values: (_plot, values) => values.map((at) => utcDayShort(day(at))),
        incrs: [86_400, 172_800, 604_800, 1_209_600, 2_419_200],
      },
      {
        ...axis,
        size: 56,
        values: (_plot, values) => values.map((n) => (Number.isInteger(n) ? number(n) : '')),
      },
    ],
    series: [
      { label: t('plot.day'), value: (_plot, at) => (at === null ? '–' : utcDay(day(at))) },
      series(t('plot.allowed'), colour('--allowed'), -1),
      series(t('plot.denied'), colour('--denied'), 1),
    ],
  };
}
