/** A chart. It is a picture to screen readers: the same numbers are in the table below it. */
import { Skeleton } from '@mantine/core';
import { useReducedMotion } from '@mantine/hooks';
import type { EChartsType } from 'echarts/core';
import { useEffect, useRef, useState } from 'react';
import classes from './Chart.module.css';
import type { ChartOption } from './charts';
import type { init as Init } from './echarts';

export interface Place {
  series: number;
  index: number;
}

interface Props {
  label: string;
  option: ChartOption;
  height?: number;
  onPick: (place: Place) => void;
}

export function Chart({ label, option, height = 300, onPick }: Props) {
  const [init, setInit] = useState<{ init: typeof Init }>();
  const still = useReducedMotion();
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType>(undefined);
  const pick = useRef(onPick);
  pick.current = onPick;

  useEffect(() => {
    let wanted = true;
    void import('./echarts').then((loaded) => wanted && setInit({ init: loaded.init }));
    return () => {
      wanted = false;
    };
  }, []);

  useEffect(() => {
    if (init === undefined || place.current === null) return;
    const drawn = init.init(place.current);
    chart.current = drawn;
    drawn.on('click', ({ seriesIndex, dataIndex }) => {
      if (seriesIndex !== undefined) pick.current({ series: seriesIndex, index: dataIndex });
    });
    const watch = new ResizeObserver(() => drawn.resize());
    watch.observe(place.current);
    return () => {
      watch.disconnect();
      drawn.dispose();
      chart.current = undefined;
    };
  }, [init]);

  useEffect(() => {
    if (init !== undefined) chart.current?.setOption({ ...option, animation: !still }, { notMerge: true });
  }, [init, option, still]);

  return (
    <div className={classes.frame} style={{ height }}>
      {init === undefined && <Skeleton height={height} />}
      <div ref={place} className={classes.chart} role="img" aria-label={label} />
    </div>
  );
}
