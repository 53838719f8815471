import { McpBridgeClient, McpBridgeError } from '../client/index.ts';
import { gatewayAddress } from './address.ts';
import { el, said } from './element.ts';
import { showList } from './list-view.ts';
import { showVideo } from './video-view.ts';

/** A gateway that is started again is waited for; after that it is asked again. */
const AGAIN_MS = 3_000;

const main = document.querySelector('main') as HTMLElement;
const line = document.querySelector('#line') as HTMLElement;
const client = new McpBridgeClient({ baseUrl: gatewayAddress(), patienceMs: 0 });

let view = new AbortController();
window.addEventListener('hashchange', () => void show());
void show();

/** Shows what the address names, until it names something else. Where the gateway is away, that is said, and tried again. */
async function show(): Promise<void> {
  view.abort();
  view = new AbortController();
  const { signal } = view;
  main.replaceChildren(el('p', { class: 'quiet' }, 'Loading …'));
  // Whoever goes by keyboard goes on from the top of what is new.
  main.focus();
  while (!signal.aborted) {
    try {
      await showPlace(signal);
      return;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof McpBridgeError) || !error.retryable) {
        main.replaceChildren(...refusal(error));
        return;
      }
      line.textContent = 'The gateway does not answer; asking again.';
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

async function showPlace(signal: AbortSignal): Promise<void> {
  const [path = '', query = ''] = location.hash.replace(/^#/, '').split('?');
  const id = /^\/videos\/([\w-]+)$/.exec(path)?.[1];
  document.title = `${id ?? 'Videos'} · mcp-bridge`;
  if (id !== undefined) await showVideo(main, { client: watched(), id, signal });
  else await showList(main, { client: watched(), status: new URLSearchParams(query).get('status'), signal });
}

/** The line that says what is wrong is empty again as soon as there is an answer. */
function watched(): McpBridgeClient {
  return new McpBridgeClient({
    baseUrl: client.baseUrl,
    patienceMs: 0,
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      line.textContent = '';
      return response;
    },
  });
}

function refusal(error: unknown): Node[] {
  const { message, code } = error instanceof McpBridgeError ? error : { message: String(error), code: 'PAGE' };
  return [
    el('nav', {}, el('a', { href: '#/' }, '← All videos')),
    el('h1', {}, 'This cannot be shown'),
    el('p', { class: 'fault' }, said(message), ' ', el('code', {}, code)),
  ];
}
