import { Resvg } from '@resvg/resvg-js';

/** An SVG as a PNG of twice its width and height. */
export function svgPng(svg: string): Buffer {
  const picture = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: 2 },
    font: { loadSystemFonts: true, defaultFontFamily: 'DejaVu Sans' },
  });
  return Buffer.from(picture.render().asPng());
}
