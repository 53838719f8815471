import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { startChromium } from '../chromium.ts';
import { StackUnderTest } from './stack-under-test.ts';

const REFUSED = { code: 'OutputImageSensitiveContentDetected' };
const HOSTILE = '<img src=x onerror="document.body.remove()"><script>alert(1)</script> & co.';
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Where to leave pictures of the page for people; none by default. */
const PICTURES = process.env['SCREENSHOTS_DIR'];

describe('the status page, in a browser', () => {
  let under: StackUnderTest;
  let browser: Browser;
  before(async () => {
    [under, browser] = await Promise.all([StackUnderTest.start(), startChromium()]);
  });
  after(async () => {
    await browser.close();
    await under.stop();
  });

  /** A page of its own; whatever goes wrong in it, or leaves this gateway, fails the test. */
  async function visit(at: string, options: BrowserContextOptions = {}): Promise<{ page: Page; asked: string[] }> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    const page = await context.newPage();
    const asked: string[] = [];
    page.on('request', (request) => void asked.push(request.url()));
    page.on('pageerror', (error) => assert.fail(`the page has failed: ${error.stack ?? error.message}`));
    page.on('console', (message) => assert.notEqual(message.type(), 'error', message.text()));
    page.on('dialog', () => assert.fail('something of a person’s words was run'));
    page.setDefaultTimeout(60_000);
    await page.goto(`${under.stack.urls.gateway}/${at}`);
    return { page, asked };
  }

  async function leave({ page, asked }: { page: Page; asked: string[] }): Promise<void> {
    for (const url of asked) assert.ok(url.startsWith(under.stack.urls.gateway), `asked elsewhere: ${url}`);
    await page.context().close();
  }

  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES === undefined) return;
    mkdirSync(PICTURES, { recursive: true });
    await page.screenshot({ path: path.join(PICTURES, `${name}.png`), fullPage: true });
  }

  /** What axe-core, the checker behind most others, finds wrong. */
  async function assertAccessible(page: Page): Promise<void> {
    await page.evaluate(AXE);
    const found = (await page.evaluate('axe.run()')) as { violations: { id: string; nodes: { html: string }[] }[] };
    assert.deepEqual(
      found.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
      [],
    );
  }

  const isTooWide = (page: Page): Promise<unknown> =>
    page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');

  it('shows a video while it is made, by events, and then plays it', async () => {
    await under.sandbox.reset([{ route: 'image', fault: { delayMs: 4_000 } }]);
    const visited = await visit('');
    const { page, asked } = visited;
    await page.getByText('No video yet.').waitFor();
    const id = await under.order();
    // The list comes to know of it by itself.
    await page.locator(`a[href="#/videos/${id}"]`).waitFor();
    await page.locator('.list .status.running').waitFor();
    await page.locator(`a[href="#/videos/${id}"] bdi`).waitFor();
    await picture(page, 'list-running');
    assert.ok(asked.includes(`${under.stack.urls.gateway}/api/v1/events`), 'it listens');
    await page.locator(`a[href="#/videos/${id}"]`).focus();
    await page.keyboard.press('Enter');
    // The script has given it its title.
    await page.getByRole('heading', { level: 1 }).locator('bdi').filter({ hasNotText: id }).waitFor();
    await page.locator('.bar.running').first().waitFor();
    assert.equal(await page.getByRole('rowgroup').filter({ hasText: 'Pictures' }).count(), 1);
    await page
      .getByRole('row', { name: /s1 under way/ })
      .first()
      .waitFor();
    await picture(page, 'running');
    await assertAccessible(page);
    await page.locator('.status.success').waitFor();
    assert.ok(asked.includes(`${under.stack.urls.gateway}/api/v1/videos/${id}/events`), 'it listens');
    await page.getByRole('row', { name: /deliver done/ }).waitFor();
    assert.equal(await page.locator('.bar.running').count(), 0);

    const film = await page.locator('video').evaluate(async (element) => {
      const video = element as unknown as {
        muted: boolean;
        play(): Promise<void>;
        currentTime: number;
        duration: number;
      };
      video.muted = true;
      await video.play();
      while (video.currentTime < 0.2) await new Promise((resolve) => setTimeout(resolve, 20));
      return video.duration;
    });
    assert.ok(Math.abs(film - 5) < 0.1, `it plays, ${film} s`);
    await page.getByText(/^CNY \d+\.\d{4}$/).waitFor();
    await page.getByText('the sandbox, not with a real model').waitFor();
    await picture(page, 'finished');
    await assertAccessible(page);
    await page.getByRole('link', { name: 'All videos' }).click();
    await page.locator('.list .status.success').waitFor();
    await assertAccessible(page);
    await leave(visited);
  });

  it('says what is not as asked, and why a video failed', async () => {
    await under.sandbox.reset([{ route: 'image', nth: 1, fault: REFUSED }]);
    const partial = await under.order();
    await under.ended(partial);
    await under.sandbox.reset([{ route: 'image', fault: REFUSED }]);
    const failed = await under.order();
    await under.ended(failed);

    const visited = await visit(`#/videos/${partial}`);
    const { page } = visited;
    await page.locator('.status.partial').waitFor();
    await page.getByText(/^s\d: picture$/).waitFor();
    await page.getByText(/^Instead: /).waitFor();
    await page.getByRole('row', { name: /failed, content rejected/ }).waitFor();
    await picture(page, 'partial');
    await page.goto(`${under.stack.urls.gateway}/#/videos/${failed}`);
    await page.getByRole('heading', { name: 'Why it failed' }).waitFor();
    await page.getByRole('heading', { level: 1 }).locator('bdi').filter({ hasNotText: failed }).waitFor();
    await picture(page, 'failed');
    await assertAccessible(page);
    await page.goto(`${under.stack.urls.gateway}/#/?status=failed`);
    await page.locator(`a[href="#/videos/${failed}"]`).waitFor();
    assert.equal(await page.locator('tbody tr').count(), 1);
    await leave(visited);
  });

  it('takes what people wrote for text, fits a phone, and is dark where it should be', async () => {
    const [{ id } = { id: '' }] = (await under.database
      .session((session) => session.query('select id from videos where status = $1', ['success']))
      .then(({ rows }) => rows)) as { id: string }[];
    await under.database.session((session) =>
      session.query(
        `update videos set title = $2, result = jsonb_set(result, '{title}', to_jsonb($2::text)) where id = $1`,
        [id, HOSTILE],
      ),
    );
    const visited = await visit('', {
      viewport: { width: 360, height: 740 },
      colorScheme: 'dark',
      deviceScaleFactor: 2,
    });
    const { page } = visited;
    await page.getByText(HOSTILE).waitFor();
    assert.equal(await isTooWide(page), false);
    await picture(page, 'narrow-list-dark');
    await assertAccessible(page);
    await page.locator(`a[href="#/videos/${id}"]`).click();
    await page.getByRole('heading', { name: HOSTILE }).waitFor();
    await page.locator('video').waitFor();
    assert.equal(await isTooWide(page), false);
    const ground = await page.evaluate('getComputedStyle(document.body).backgroundColor');
    assert.equal(ground, 'rgb(20, 21, 26)');
    await picture(page, 'narrow-dark');
    await assertAccessible(page);
    await leave(visited);

    const answer = await under.request('GET', '/');
    const policy = answer.headers.get('content-security-policy') ?? '';
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'/);
    assert.doesNotMatch(policy, /unsafe/);
  });
});
