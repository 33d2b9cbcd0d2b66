import { describe, expect, it } from 'vitest';
import type { ReportDocument } from '../../src/report/document/document.ts';
import { toHtml } from '../../src/report/document/html.ts';
import { toMarkdown } from '../../src/report/document/markdown.ts';

const document: ReportDocument = {
  title: 'A <study>',
  sections: [
    {
      title: 'Answer & reason',
      blocks: [
        { type: 'paragraph', tone: 'answer', text: 'dice < 0.8 & "good"' },
        { type: 'facts', facts: [['a|b', '<script>alert(1)</script>']] },
        {
          type: 'table',
          columns: [{ title: 'Name' }, { title: 'Dice', number: true }],
          rows: [['x_y', '0.8']],
          caption: 'A table',
        },
        { type: 'list', items: ['one', 'two'] },
        { type: 'code', text: 'autopilot run <file>' },
        { type: 'figure', svg: '<svg id="s"></svg>', caption: 'A figure', file: 'figure.svg' },
      ],
    },
  ],
};

describe('a report', () => {
  it('escapes what it was given in HTML, holds its figures, and runs no script', () => {
    const html = toHtml(document);
    expect(html).not.toContain('<script');
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).toContain('dice &lt; 0.8 &amp; &quot;good&quot;');
    expect(html).toContain('<svg id="s"></svg></div><figcaption>A figure</figcaption>');
    expect(html).not.toMatch(/(src|href)="(?!#)/);
  });

  it('links the addresses that its facts name, and makes nothing else of them', () => {
    const source = '"https://example.org/set?a=1&b=2". (CC BY 4.0)';
    const facts = { type: 'facts' as const, facts: [['Source', source] as [string, string]] };
    const html = toHtml({ title: 't', sections: [{ title: 's', blocks: [facts] }] });
    expect(html).toContain(
      '&quot;<a href="https://example.org/set?a=1&amp;b=2" rel="noreferrer">https://example.org/set?a=1&amp;b=2</a>&quot;.',
    );
    expect(html).toContain('(CC BY 4.0)</dd>');
  });

  it('keeps a link whole in Markdown, where an underscore is escaped elsewhere', () => {
    const blocks = [{ type: 'paragraph' as const, text: 'See a_b at https://example.org/a_b.' }];
    expect(toMarkdown({ title: 't', sections: [{ title: 's', blocks }] })).toContain(
      'See a\\_b at <https://example.org/a_b>.',
    );
  });

  it('says beside a table what it shows, where a narrow screen does not cut it off', () => {
    const html = toHtml(document);
    expect(html).toMatch(/<p class="legend">A table<\/p><div class="scroll"[^>]*><table aria-label="A table">/);
  });

  it('keeps tables whole in Markdown and names its figures', () => {
    const markdown = toMarkdown(document);
    expect(markdown).toContain('| Name | Dice |\n|---|---:|\n| x\\_y | 0.8 |');
    expect(markdown).toContain('| a\\|b | \\<script\\>alert(1)\\</script\\> |');
    expect(markdown).toContain('![A figure](figure.svg)');
    expect(markdown).toContain('> dice \\< 0.8');
  });
});
