import { type ComponentChild, render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ComparePage } from './pages/compare.tsx';
import { NewStudyPage } from './pages/new-study.tsx';
import { RunPage } from './pages/run.tsx';
import { ScalePage } from './pages/scale.tsx';
import { StudiesPage } from './pages/studies.tsx';
import { StudyPage } from './pages/study.tsx';
import { WorkPage } from './pages/work.tsx';
import { type Connection, useConnection } from './parts/data.ts';

/**
 * Pages by the address's hash, without the view's state after "?": `#/`, `#/study/NAME`, `#/run/ID`, `#/compare/ID,ID`,
 * `#/scale/NAME`, `#/new`, `#/work`.
 */
const routes: [pattern: RegExp, page: (name: string) => ComponentChild][] = [
  [/^#\/study\/(.+)$/, (name) => <StudyPage name={name} />],
  [/^#\/run\/(.+)$/, (id) => <RunPage id={id} />],
  [/^#\/scale\/(.+)$/, (name) => <ScalePage name={name} />],
  [/^#\/compare\/(.+)$/, (ids) => <ComparePage ids={ids.split(',')} />],
];

/** Null for text that no page writes, such as a lone %. */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Recreated for each address that is visited; a view that changes updates the address itself. */
function Page({ hash }: { hash: string }) {
  const [path = ''] = hash.split('?');
  for (const [pattern, show] of routes) {
    const match = pattern.exec(path)?.[1];
    const name = match && decoded(match);
    if (name) return show(name);
  }
  const [, own, query = ''] = /^#\/(new|work)(?:\?(.*))?$/.exec(hash) ?? [];
  if (own === 'new') return <NewStudyPage key={query} query={query} />;
  if (own === 'work') return <WorkPage query={query} />;
  return <StudiesPage />;
}

const connectionWords: Record<Connection, string> = {
  idle: '',
  live: '● live',
  connecting: 'connecting …',
  reconnecting: '○ reconnecting …',
};

function App() {
  const [hash, setHash] = useState(location.hash);
  const main = useRef<HTMLElement>(null);
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
  const skip = (event: Event) => {
    event.preventDefault();
    main.current?.focus();
  };
  return (
    <>
      {/* biome-ignore lint/a11y/useValidAnchor: it goes to its place in the page; the address behind "#" is the page itself */}
      <a class="skip" href="#main" onClick={skip}>
        Skip to content
      </a>
      <header>
        <a class="name" href="#/">
          GreScale autopilot
        </a>
        <nav aria-label="Pages">
          <a href="#/">Studies</a> <a href="#/new">New study</a> <a href="#/work">Work</a>
        </nav>
        <span class="live" role="status">
          {connectionWords[connection]}
        </span>
      </header>
      <main id="main" tabindex={-1} ref={main}>
        <Page key={hash} hash={hash} />
      </main>
    </>
  );
}

const app = document.getElementById('app');
if (app) render(<App />, app);
