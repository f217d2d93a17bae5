import { renderToStaticMarkup } from 'react-dom/server';
import { I18nextProvider } from 'react-i18next';
import { expect, it } from 'vitest';
import { createI18n } from '../../app/i18n.ts';
import { isWebAddress, Markdown } from './markdown.tsx';

const i18n = createI18n(['en']);
const names = new Map([['111111111111111111', 'Member 12']]);
const html = (text: string) =>
  renderToStaticMarkup(
    <I18nextProvider i18n={i18n}>
      <Markdown text={text} names={names} />
    </I18nextProvider>,
  );

it('draws what Discord draws', () => {
  expect(html('**bold** *it* __under__ ~~gone~~ `code`')).toBe(
    '<strong>bold</strong> <em>it</em> <u>under</u> <s>gone</s> <code>code</code>',
  );
  expect(html('```js\nlet a = 1;\n```')).toContain('<pre><code>let a = 1;');
  expect(html('> quoted\nafter')).toContain('<blockquote>');
  expect(html('# Title')).toContain('class="heading h1"');
});

it('never makes elements of what people write', () => {
  const written = html('<script>alert(1)</script> <img src=x onerror=alert(1)> **<b onclick=x>**');
  expect(written).not.toMatch(/<script|<img|<b /);
  expect(written).toContain('&lt;script&gt;');
});

it('links to web addresses alone, and tells them nothing', () => {
  expect(html('see https://example.com/a?b=1 now')).toContain(
    '<a href="https://example.com/a?b=1" target="_blank" rel="noreferrer noopener nofollow">',
  );
  expect(html('[guide](http://example.com)')).toContain('href="http://example.com"');
  for (const address of [
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    '//x.example',
  ]) {
    expect(html(`[click](${address})`)).not.toContain('<a');
  }
  expect(html('[click](javascript:alert(1))')).toContain('click');
});

it.each([
  ['https://example.com', true],
  ['http://example.com', true],
  [' javascript:alert(1)', false],
  ['/relative', false],
  ['', false],
  [undefined, false],
])('takes %s for a web address: %s', (address, isOne) => {
  expect(isWebAddress(address)).toBe(isOne);
});

it('names people it knows and shows the ids of those it does not', () => {
  expect(html('<@111111111111111111> <@!222222222222222222>')).toContain('@Member 12');
  expect(html('<@!222222222222222222>')).toContain('@222222222222222222');
  expect(html('<#333333333333333333> @everyone </close:444444444444444444> <:ok:555555555555555555>')).toContain(
    '/close',
  );
});

it('writes times in UTC and survives times that are none', () => {
  expect(html('<t:1763820000:R>')).toContain('22 Nov, 14:00 UTC');
  expect(html('<t:99999999999999999:F>')).not.toContain('Invalid');
});

it('hides a spoiler until it is asked for', () => {
  expect(html('the word is ||swordfish||')).not.toContain('swordfish');
});

it('keeps line breaks and ordinary characters', () => {
  expect(html('a\nb & c')).toBe('a\nb &amp; c');
});

it.each(['*', '**', '_', '||', '> ', '`', '[', '<@', '~~'])('survives thousands of %s', (piece) => {
  expect(html(piece.repeat(4_000 / piece.length)).length).toBeGreaterThan(0);
});
