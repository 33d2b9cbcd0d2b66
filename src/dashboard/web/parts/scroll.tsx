import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

interface ScrollProps {
  label: string;
  bare?: boolean;
  children: ComponentChildren;
}

/** Content that may be wider than the screen: it can be scrolled with the keyboard and shows where it continues. */
export function Scroll({ label, bare = false, children }: ScrollProps) {
  const box = useRef<HTMLElement>(null);
  const [more, setMore] = useState({ before: false, after: false });
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const look = () => {
      const { scrollLeft, scrollWidth, clientWidth } = element;
      setMore({ before: scrollLeft > 1, after: scrollLeft + clientWidth < scrollWidth - 1 });
    };
    const resize = new ResizeObserver(look);
    resize.observe(element);
    if (element.firstElementChild) resize.observe(element.firstElementChild);
    element.addEventListener('scroll', look, { passive: true });
    return () => resize.disconnect();
  }, []);
  const wider = more.before || more.after;
  const classes = ['scroll', bare && 'bare', more.before && 'more-before', more.after && 'more-after'];
  return (
    <>
      {wider && <p class="hint">Wider than the screen: scroll sideways ↔</p>}
      <section class={classes.filter(Boolean).join(' ')} tabindex={wider ? 0 : undefined} aria-label={label} ref={box}>
        {children}
      </section>
    </>
  );
}
