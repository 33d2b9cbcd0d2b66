import { ComparePage } from './pages/compare.js';
import { NewStudyPage } from './pages/new-study.js';
import { RunPage } from './pages/run.js';
import { ScalePage } from './pages/scale.js';
import { StudiesPage } from './pages/studies.js';
import { StudyPage } from './pages/study.js';
import { WorkPage } from './pages/work.js';
import { useConnection } from './parts/data.js';
import { html, render, useEffect, useRef, useState } from './parts/html.js';

/** Pages by the address's hash, without what it keeps of the view behind "?": `#/`, `#/study/NAME`, `#/run/ID`, `#/compare/ID,ID`, `#/scale/NAME`, `#/new`, `#/work`. */
const routes = [
  [/^#\/study\/(.+)$/, (name) => html`<${StudyPage} name=${name} />`],
  [/^#\/run\/(.+)$/, (id) => html`<${RunPage} id=${id} />`],
  [/^#\/scale\/(.+)$/, (name) => html`<${ScalePage} name=${name} />`],
  [/^#\/compare\/(.+)$/, (ids) => html`<${ComparePage} ids=${ids.split(',')} />`],
];

/** Null for what no page has written, such as a lone %. */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function page(address) {
  const [hash] = address.split('?');
  for (const [pattern, show] of routes) {
    const match = pattern.exec(hash);
    const name = match && decoded(match[1]);
    if (name) return show(name);
  }
  const [, own, query = ''] = /^#\/(new|work)(?:\?(.*))?$/.exec(address) ?? [];
  if (own === 'new') return html`<${NewStudyPage} key=${query} query=${query} />`;
  if (own === 'work') return html`<${WorkPage} query=${query} />`;
  return html`<${StudiesPage} />`;
}

/** Made anew for each address that is gone to: a view that is changed writes its address itself. */
const Page = ({ hash }) => page(hash);

const connectionWords = { idle: '', live: '● live', connecting: 'connecting …', reconnecting: '○ reconnecting …' };

function App() {
  const [hash, setHash] = useState(location.hash);
  const main = useRef(null);
  const connection = useConnection();
  useEffect(() => {
    const go = () => {
      setHash(location.hash);
      main.current?.focus();
      scrollTo(0, 0);
    };
    addEventListener('hashchange', go);
    return () => removeEventListener('hashchange', go);
  }, []);
  return html`
    <a class="skip" href="#main" onClick=${(event) => {
      event.preventDefault();
      main.current.focus();
    }}>Skip to content</a>
    <header>
      <a class="name" href="#/">GreScale autopilot</a>
      <nav aria-label="Pages"><a href="#/">Studies</a> <a href="#/new">New study</a> <a href="#/work">Work</a></nav>
      <span class="live" role="status">${connectionWords[connection]}</span>
    </header>
    <main id="main" tabindex="-1" ref=${main}><${Page} key=${hash} hash=${hash} /></main>
  `;
}

render(html`<${App} />`, document.getElementById('app'));
