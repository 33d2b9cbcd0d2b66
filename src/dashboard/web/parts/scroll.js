import { html, useEffect, useRef, useState } from './html.js';

/** Something that may be wider than the screen: reachable with the keyboard, and where it goes on it says so. */
export function Scroll({ label, bare, children }) {
  const box = useRef(null);
  const [more, setMore] = useState({ before: false, after: false });
  useEffect(() => {
    const look = () => {
      const { scrollLeft, scrollWidth, clientWidth } = box.current;
      setMore({ before: scrollLeft > 1, after: scrollLeft + clientWidth < scrollWidth - 1 });
    };
    const resize = new ResizeObserver(look);
    resize.observe(box.current);
    if (box.current.firstElementChild) resize.observe(box.current.firstElementChild);
    box.current.addEventListener('scroll', look, { passive: true });
    return () => resize.disconnect();
  }, []);
  const wider = more.before || more.after;
  const classes = ['scroll', bare && 'bare', more.before && 'more-before', more.after && 'more-after'];
  return html`${wider && html`<p class="hint">Wider than the screen: scroll sideways ↔</p>`}
    <div class=${classes.filter(Boolean).join(' ')} tabindex=${wider ? 0 : undefined} role="region" aria-label=${label} ref=${box}>${children}</div>`;
}
