// Draws allowed and denied exports per day with uPlot, in the colours of the page.
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { locale, number, utcDay } from '../dates.ts';
import { t } from '../i18n.ts';
import type { Activity } from './activity.ts';

const HEIGHT = 200;

/** Draws into `place` until the answer is called. */
export function plot(place: HTMLElement, activity: Activity): () => void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  let chart: uPlot | undefined;
  const draw = () => {
    chart?.destroy();
    chart = new uPlot(options(place.clientWidth), data(activity), place);
  };
  const sized = new ResizeObserver(() => chart?.setSize({ width: place.clientWidth, height: HEIGHT }));
  draw();
  sized.observe(place);
  dark.addEventListener('change', draw);
  return () => {
    sized.disconnect();
    dark.removeEventListener('change', draw);
    chart?.destroy();
  };
}

function data({ days, allowed, denied }: Activity): uPlot.AlignedData {
  return [days.map((day) => Date.parse(`${day}T00:00:00Z`) / 1000), allowed, denied];
}

function options(width: number): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = { stroke: colour('--muted'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } };
  const short = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' });
  const series = (label: string, stroke: string, align: -1 | 1): uPlot.Series => {
    const paths = uPlot.paths.bars?.({ size: [0.42, 14], align, radius: 0.15 });
    return { label, stroke, fill: stroke, width: 0, points: { show: false }, ...(paths && { paths }) };
  };
  return {
    width, height: HEIGHT, tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    cursor: { drag: { x: false, y: false }, points: { show: false } },
    scales: { x: { range: (_plot, low, high) => [low - 43_200, high + 43_200] }, y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.1)] } },
    axes: [
      { ...axis, values: (_plot, values) => values.map((at) => short.format(new Date(at * 1000))), incrs: [86_400, 172_800, 604_800, 1_209_600, 2_419_200] },
      { ...axis, size: 56, values: (_plot, values) => values.map((n) => (Number.isInteger(n) ? number(n) : '')) },
    ],
    series: [
      { label: t('plot.day'), value: (_plot, at) => (at === null ? '–' : utcDay(new Date(at * 1000).toISOString().slice(0, 10))) },
      series(t('plot.allowed'), colour('--allowed'), -1),
      series(t('plot.denied'), colour('--denied'), 1),
    ],
  };
}
