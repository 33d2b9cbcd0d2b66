import type { ComponentChildren } from 'preact';
import type { Provenance } from '../../../report/provenance.ts';
import { commitText } from './format.ts';

/** One line of a list of facts. */
export function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Where, by whom and with which version something was made. */
export function Made({ made, host = made?.host }: { made: Provenance | null; host?: string | null | undefined }) {
  return (
    <>
      <Fact name="Host">{host ?? '–'}</Fact>
      <Fact name="User">{made?.user ?? '–'}</Fact>
      <Fact name="Version">{made?.version ?? '–'}</Fact>
      <Fact name="Commit">{commitText(made?.commit)}</Fact>
    </>
  );
}
